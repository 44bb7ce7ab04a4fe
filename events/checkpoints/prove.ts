/** Proofs against signed checkpoints, checked here before anybody else sees them. */
import { Failure, isFailure } from "#shared/kernel/failure";
import type { ChainLink, Position } from "#shared/ports/event-log";
import type { Checkpoint } from "#shared/tlog/checkpoint";
import { encodeTreeEntry } from "#shared/tlog/entry";
import { leafHash } from "#shared/tlog/merkle-tree";
import { consistencyProof, inclusionProof, type Proof, provesConsistency, provesInclusion } from "#shared/tlog/proofs";
import { type CheckpointDeps, checkpointOf, type Checkpoints } from "./checkpoints.ts";
import { firstCut, type SignedCut, isSigned } from "./cut.ts";
import { indexOf } from "./sequence.ts";
import { hashReader } from "./tree.ts";

export interface ProvenInclusion {
  readonly cut: SignedCut;
  readonly index: number;
  readonly link: ChainLink;
  /** Chain hash of the event before it in its lane; empty for the first. */
  readonly previous: string;
  readonly proof: Proof;
}

export interface ProvenConsistency {
  readonly from: SignedCut;
  readonly to: SignedCut;
  readonly proof: Proof;
}

type ProofDeps = Pick<CheckpointDeps, "log" | "tables" | "blob">;

/**
 * That an event is in the tree of a checkpoint, by default the newest.
 * @throws Failure `unprocessable` when that checkpoint does not cover it, `not_found` when there is no such event
 */
export async function proveInclusion(
  deps: ProofDeps,
  checkpoints: Checkpoints,
  tenant: string,
  { lane, seq }: Position,
  size?: number,
): Promise<ProvenInclusion> {
  const newest = await newestOf(checkpoints, tenant);
  const cut = size === undefined ? newest : await signedCut(deps, tenant, newest, size, "size");
  const around = await firstCut(
    deps.tables.tenant(tenant),
    tenant,
    newest,
    ({ heads }) => (heads[lane]?.seq ?? 0) >= seq,
  );
  const first = Math.max(0, seq - 2);
  const links = await deps.log.links(tenant, lane, first, seq - first);
  const link = links.find((one) => one.seq === seq);
  if (link === undefined) throw new Failure("not_found", `lane ${lane} has no event ${seq}`);
  const index = around === undefined ? Number.POSITIVE_INFINITY : indexOf(around.before, around.cut, lane, seq);
  if (index >= cut.size)
    throw new Failure(
      "unprocessable",
      `event ${seq} of lane ${lane} is not covered by the checkpoint of ${cut.size} events; make one with \`trstctl audit checkpoint\``,
    );
  const { root } = checkpointOf(cut);
  const leaf = leafHash(encodeTreeEntry(link));
  const proof = await checked(
    checkpoints,
    tenant,
    () => inclusionProof(hashReader(deps.blob, tenant), index, cut.size),
    (found) => provesInclusion({ index, size: cut.size, leaf, root, proof: found }),
    `event ${seq} of lane ${lane} is not what the checkpoint of ${cut.size} events was signed over`,
  );
  return { cut, index, link, previous: links.find((one) => one.seq === seq - 1)?.hash ?? "", proof };
}

/**
 * That one checkpoint's tree extends another's, by default up to the newest.
 * @throws Failure `invalid_field` for sizes that no checkpoint has
 */
export async function proveConsistency(
  deps: ProofDeps,
  checkpoints: Checkpoints,
  tenant: string,
  fromSize: number,
  toSize?: number,
): Promise<ProvenConsistency> {
  const newest = await newestOf(checkpoints, tenant);
  const from = await signedCut(deps, tenant, newest, fromSize, "from");
  const to = toSize === undefined ? newest : await signedCut(deps, tenant, newest, toSize, "to");
  if (from.size > to.size)
    throw new Failure("invalid_field", `from: ${from.size} is more than ${to.size}; a log only grows`, {
      field: "from",
    });
  const trees: readonly [Checkpoint, Checkpoint] = [checkpointOf(from), checkpointOf(to)];
  const proof = await checked(
    checkpoints,
    tenant,
    () => consistencyProof(hashReader(deps.blob, tenant), from.size, to.size),
    (found) => provesConsistency(...trees, found),
    `the checkpoint of ${to.size} events does not extend that of ${from.size}`,
  );
  return { from, to, proof };
}

async function newestOf(checkpoints: Checkpoints, tenant: string): Promise<SignedCut> {
  const newest = await checkpoints.newest(tenant);
  if (newest === undefined)
    throw new Failure("unprocessable", "there is no checkpoint yet; make one with `trstctl audit checkpoint`");
  return newest;
}

async function signedCut(
  { tables }: ProofDeps,
  tenant: string,
  newest: SignedCut,
  size: number,
  field: string,
): Promise<SignedCut> {
  const found = await firstCut(tables.tenant(tenant), tenant, newest, (cut) => cut.size >= size);
  if (found?.cut.size === size && isSigned(found.cut)) return found.cut;
  throw new Failure(
    "invalid_field",
    `${field}: no checkpoint has ${size} events; \`trstctl audit checkpoints\` lists those there are`,
    { field },
  );
}

/** Tiles can be lost or damaged and are then made again; a log that was changed cannot. */
async function checked(
  checkpoints: Checkpoints,
  tenant: string,
  make: () => Promise<Proof>,
  holds: (proof: Proof) => boolean,
  otherwise: string,
): Promise<Proof> {
  const first = await make().catch((error: unknown) => {
    if (isFailure(error, "unavailable")) return undefined;
    throw error;
  });
  if (first !== undefined && holds(first)) return first;
  await checkpoints.rebuildTiles(tenant);
  const second = await make();
  if (holds(second)) return second;
  throw new Failure(
    "corrupt",
    `${otherwise}: the log was changed. Keep a copy of the data directory and run \`trstctl audit verify\``,
  );
}
