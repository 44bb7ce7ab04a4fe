/**
 * The work of a bulk revocation, a slice at a time: each batch of certificates is one event, so whatever dies in between, the
 * next one goes on behind it and no certificate is revoked twice. A slice ends by handing the work on through the outbox;
 * while a batch is being written, and a little longer, the process is left to others.
 */
import { revocationId } from "#shared/domain/revocation/revocation";
import { concerns } from "#shared/domain/revocation-job/decide";
import type { RevocationFilter } from "#shared/domain/revocation-job/revocation-job";
import type { Snapshot } from "#shared/ports/event-log";
import { type Change, change, effect } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing, type Present } from "./load.ts";
import { publishCrl } from "./publish-crl.ts";

/** Batches of one slice: about half a second, for which the tenant's other effects wait. */
const batchesInSlice = 40;
/** One transaction holds 100 rows: event, head, number of lanes and job beside two for each certificate, or three with its identity. */
const maxTouched = 90;
const countedInBatch = 5_000;
/** The CRLs are published for so many revocations at the latest. */
const publishAfter = 100_000;
const maxPauseMs = 10;

type Job = Present<"revocation-job">;

/** @param step a slice that was handed on already does nothing */
export async function advanceRevocationJob(deps: Deps, call: Call, id: string, step: number): Promise<void> {
  const { tenant } = call.principal;
  for (let batch = 0; batch < batchesInSlice; batch++) {
    const job = await existing(deps, tenant, "revocation-job", id);
    if (job.state.step !== step) return;
    const started = performance.now();
    const more = await workOn(deps, call, job);
    if (!more) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min((performance.now() - started) / 4, maxPauseMs)));
  }
  await change(deps, call, async () => ({
    stream: await existing(deps, tenant, "revocation-job", id),
    event: { type: "revocation-job.handed-on", data: {} },
    effects: [effect(deps, "revocation.advance", { job: id, step: step + 1 })],
  }));
}

/** @returns whether something is left to be done */
async function workOn(deps: Deps, call: Call, { id, state }: Job): Promise<boolean> {
  const over = state.status === "done" || state.status === "cancelled";
  if (state.shards.length > 0 && (over || state.unpublished >= publishAfter)) {
    await publish(deps, call, id, state.shards);
    return !over;
  }
  if (over) return false;
  await change(deps, call, async () => {
    const job = await existing(deps, call.principal.tenant, "revocation-job", id);
    if (job.state.status === "counting") return counting(deps, call, job);
    // Cancelled in between: nothing more is revoked.
    if (job.state.status === "revoking") return revoking(deps, call, job);
    return { stream: job, event: { type: "revocation-job.published", data: { shards: [] } } };
  });
  return true;
}

/** Each shard once for all that the job did to it. */
async function publish(deps: Deps, call: Call, id: string, shards: readonly string[]): Promise<void> {
  for (const name of shards) {
    const cut = name.lastIndexOf(".");
    await publishCrl(deps, call, name.slice(0, cut), Number(name.slice(cut + 1)));
  }
  await change(deps, call, async () => ({
    stream: await existing(deps, call.principal.tenant, "revocation-job", id),
    event: { type: "revocation-job.published", data: { shards } },
  }));
}

async function counting(deps: Deps, call: Call, job: Job): Promise<Change<"revocation-job">> {
  const { filter, cursor: from } = job.state;
  const now = deps.clock.now();
  let matched = 0;
  let seen = 0;
  let cursor: string | null = null;
  for await (const { certificate, place } of candidates(deps, call.principal.tenant, filter, from, 1_000)) {
    if (seen++ === countedInBatch) break;
    cursor = place;
    if (certificate !== undefined && concerns(filter, certificate.state, now)) matched++;
  }
  return {
    stream: job,
    event: { type: "revocation-job.counted", data: { matched, cursor: seen > countedInBatch ? cursor : null } },
  };
}

async function revoking(deps: Deps, call: Call, job: Job): Promise<Change<"revocation-job">> {
  const { tenant } = call.principal;
  const { filter, reason } = job.state;
  const now = deps.clock.now();
  const batch: Present<"certificate">[] = [];
  const identities = new Map<string, Snapshot>();
  let seen = 0;
  let cursor: string | null = job.state.cursor;
  let full = false;
  for await (const { certificate, place } of candidates(deps, tenant, filter, job.state.cursor, 50)) {
    full = 2 * (batch.length + 1) + identities.size + 1 > maxTouched || seen++ === countedInBatch;
    if (full) break;
    cursor = place;
    if (certificate === undefined || !concerns(filter, certificate.state, now)) continue;
    batch.push(certificate);
    const { identity } = certificate.state;
    if (identity !== null && !identities.has(identity))
      identities.set(identity, await existing(deps, tenant, "identity", identity));
  }
  const certificates = batch.map(({ state: { issuer, serial, shard, not_after } }) => ({
    issuer,
    serial,
    shard,
    not_after,
  }));
  const rows = certificates.map(({ issuer, shard, serial }) => absentRevocation(revocationId(issuer, shard, serial)));
  return {
    stream: job,
    touches: [...batch, ...rows, ...identities.values()],
    event: { type: "revocation-job.advanced", data: { reason, certificates, cursor: full ? cursor : null } },
  };
}

/** Nobody has revoked what is not revoked: the row is written on condition that it is not there. */
const absentRevocation = (id: string): Snapshot<"revocation"> => ({
  kind: "revocation",
  id,
  rev: 0,
  state: undefined,
  origin: undefined,
});

interface CandidateAt {
  /** Undefined: a named one that does not exist. */
  readonly certificate: Present<"certificate"> | undefined;
  /** The cursor behind it. */
  readonly place: string;
}

/** In the order of their ids, or as they were named, from behind the cursor on. */
async function* candidates(
  deps: Deps,
  tenant: string,
  { certificates, issuer }: RevocationFilter,
  cursor: string | null,
  limit: number,
): AsyncGenerator<CandidateAt> {
  if (certificates !== undefined) {
    for (let at = Number(cursor ?? 0); at < certificates.length; at++) {
      const found = await deps.log.load(tenant, "certificate", certificates[at] ?? "");
      const certificate = found.state === undefined ? undefined : (found as Present<"certificate">);
      yield { certificate, place: String(at + 1) };
    }
    return;
  }
  const prefix = issuer === undefined ? "" : `${issuer}-`;
  let after = cursor ?? (prefix === "" ? undefined : prefix);
  do {
    const page = await deps.log.list(tenant, "certificate", { limit, after });
    for (const certificate of page.items as readonly Present<"certificate">[]) {
      if (!certificate.id.startsWith(prefix)) return;
      yield { certificate, place: certificate.id };
    }
    after = page.cursor;
  } while (after !== undefined);
}
