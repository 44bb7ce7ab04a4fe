/**
 * Which CRL shard a new certificate belongs to, for ever. A process takes places in blocks, so an issuance costs neither a
 * row nor a read; what a dead process did not use is lost room, never a shard that overflows.
 */
import { crlId } from "#shared/domain/crl/crl";
import { blockSize, crlShardId, maxShardEntries, type ReservedPlaces } from "#shared/domain/crl-shard/crl-shard";
import { decideReserve } from "#shared/domain/crl-shard/decide";
import { Failure } from "#shared/kernel/failure";
import { maxShards } from "#shared/pki/revocation-urls";
import type { Directory } from "#shared/ports/directory";
import { type Change, change, effect } from "./commit.ts";
import { type Deps, systemCall } from "./deps.ts";
import { existing } from "./load.ts";

interface Block {
  readonly shard: number;
  readonly untilMs: number;
  left: number;
}

/** A block serves certificates of about the same length: those that end a little later than the first one too. */
const slackMs = 86_400_000;
const maxBlocks = 8;
const pageSize = 1_000;

/** Blocks belong to a process: to its one directory. */
const held = new WeakMap<Directory, Map<string, Block[]>>();
const reserving = new WeakMap<Directory, Map<string, Promise<void>>>();

const of = <T>(map: WeakMap<Directory, Map<string, T>>, { directory }: Deps): Map<string, T> => {
  const found = map.get(directory) ?? new Map<string, T>();
  map.set(directory, found);
  return found;
};

/** Places for this process, which has them on record. */
export function holdCrlPlaces(deps: Deps, tenant: string, issuer: string, block: Omit<Block, "left">): void {
  const blocks = of(held, deps);
  const rest = (blocks.get(`${tenant}/${issuer}`) ?? []).filter(({ left }) => left > 0).slice(-maxBlocks + 1);
  blocks.set(`${tenant}/${issuer}`, [...rest, { ...block, left: blockSize }]);
}

/**
 * @param notAfterMs when the certificate ends
 * @throws Failure `unprocessable` when the issuer's shards are full of living certificates
 */
export async function takeCrlPlace(deps: Deps, tenant: string, issuer: string, notAfterMs: number): Promise<number> {
  const name = `${tenant}/${issuer}`;
  for (;;) {
    const block = of(held, deps)
      .get(name)
      ?.find(({ left, untilMs }) => left > 0 && untilMs >= notAfterMs);
    if (block !== undefined) {
      block.left--;
      return block.shard;
    }
    const inWork = of(reserving, deps);
    const work =
      inWork.get(name) ?? reserve(deps, tenant, issuer, notAfterMs + slackMs).finally(() => inWork.delete(name));
    inWork.set(name, work);
    await work;
  }
}

async function reserve(deps: Deps, tenant: string, issuer: string, untilMs: number): Promise<void> {
  const call = systemCall(tenant, "crl-places", "-");
  let shard = -1;
  await change(deps, call, async () => {
    const decided = await place(deps, tenant, issuer, untilMs);
    shard = decided.shard;
    return decided.change;
  });
  // No certificate is given out that names a CRL which is not there yet.
  const published = await deps.log.load(tenant, "crl", crlId(issuer, shard));
  if (published.state === undefined) {
    // Once in the life of a shard: what issues does not carry it along.
    const { publishCrl } = await import("./publish-crl.ts");
    await publishCrl(deps, call, issuer, shard);
  }
  holdCrlPlaces(deps, tenant, issuer, { shard, untilMs });
}

interface Placed {
  readonly shard: number;
  readonly change: Change<"crl-shard">;
}

/** In the newest shard; when that is full in one whose certificates have all ended; else in a new one. */
async function place(deps: Deps, tenant: string, issuer: string, untilMs: number): Promise<Placed> {
  const { state, ...snapshot } = await existing(deps, tenant, "issuer", issuer);
  const until = new Date(untilMs).toISOString();
  const reserveIn = async (shard: number): Promise<Placed | undefined> => {
    const stream = await deps.log.load(tenant, "crl-shard", crlShardId(issuer, shard));
    const places: ReservedPlaces = { issuer, shard, count: blockSize, until };
    // The first shard of an issuer of an earlier release was not counted: it gets no more.
    const event = stream.state === undefined ? undefined : decideReserve(stream.state, places, deps.clock.now());
    return event === undefined ? undefined : { shard, change: { stream, event } };
  };
  const newest = await reserveIn(state.shards - 1);
  if (newest !== undefined) return newest;
  for await (const shard of shardsWithRoom(deps, tenant, issuer)) {
    const found = await reserveIn(shard);
    if (found !== undefined) return found;
  }
  const shard = state.shards;
  if (shard >= maxShards)
    throw new Failure(
      "unprocessable",
      `the issuer has ${maxShards} CRL shards of ${maxShardEntries} certificates, and none has room; name another issuer`,
      { field: "issuer_id" },
    );
  const stream = await deps.log.load(tenant, "crl-shard", crlShardId(issuer, shard));
  return {
    shard,
    change: {
      stream,
      touches: [{ ...snapshot, state }],
      event: { type: "crl-shard.opened", data: { issuer, shard, count: blockSize, until } },
      effects: [effect(deps, "crl.publish", { issuer, shard })],
    },
  };
}

async function* shardsWithRoom(deps: Deps, tenant: string, issuer: string): AsyncGenerator<number> {
  let after: string | undefined;
  do {
    const page = await deps.log.list(tenant, "crl-shard", { partition: issuer, limit: pageSize, after });
    for (const { id, state } of page.items) {
      const shard = Number(id.slice(issuer.length + 1));
      const places: ReservedPlaces = { issuer, shard, count: blockSize, until: state.until };
      if (decideReserve(state, places, deps.clock.now()) !== undefined) yield shard;
    }
    after = page.cursor;
  } while (after !== undefined);
}
