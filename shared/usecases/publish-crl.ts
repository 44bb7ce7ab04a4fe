/** The CRLs of one shard: signed, stored under names of their own, then made the current ones by their events. */
import { sha256Hex } from "#shared/crypto/hash";
import type { Effect } from "#shared/domain/aggregate";
import { type Crl, type CrlEvent, crlId, lastCrlNumber, type PublishedCrl } from "#shared/domain/crl/crl";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { assembleSigned } from "#shared/pki/certificate";
import { blobKey } from "#shared/ports/blob";
import { isRefusal, type Signed } from "#shared/ports/signer";
import { change } from "./commit.ts";
import { appended, type CrlEntries, entriesHash, keepEntries, publishedEntries, relist } from "./crl-entries.ts";
import { deltaIsFresh, isCompleteDue, maxBaseAge, maxDeltaEntries } from "./crl-freshness.ts";
import type { Call, Deps } from "./deps.ts";
import { inTurn } from "./in-turn.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { existing, type Present } from "./load.ts";
import { readOwnCrl, signNextCrl } from "./sign-crl.ts";
import { isoTime } from "./signed-certificate.ts";

export interface WhatToPublish {
  /** Only these are known to be new. Absent: look at all revocations of the shard. */
  readonly serials?: readonly string[] | undefined;
  /** Let go of certificates that have ended (RFC 5280 3.3), and sign the complete CRL. */
  readonly renew?: boolean;
}

/** Serials in the payload of an effect; earlier releases named none. */
export const serialsOf = (payload: Effect["payload"]): readonly string[] | undefined => {
  const serials = payload["serials"];
  return typeof serials === "string" ? serials.split(",") : undefined;
};

const maxRaces = 5;

/**
 * Signs what is missing: the complete CRL, its delta, both or none. One at a time for a shard: two would ask for one number
 * with different entries, and what the signer has signed for one the other's must not lack.
 */
export async function publishCrl(
  deps: Deps,
  call: Call,
  issuer: string,
  shard: number,
  what: WhatToPublish = {},
): Promise<void> {
  const name = `${call.principal.tenant}/${crlId(issuer, shard)}`;
  await inTurn(deps.directory, name, async () => {
    let wanted = what;
    for (let race = 1; ; race++) {
      try {
        return await publishOnce(deps, call, issuer, shard, wanted);
      } catch (error) {
        const more = isRefusal(error, "entryMissing") && wanted.serials !== undefined;
        if (race === maxRaces || !(more || isFailure(error, "conflict"))) throw error;
        // One was signed whose commit never came, and named more: all that the log says. Else another process published
        // meanwhile: from what there is now.
        if (more) wanted = { ...wanted, serials: undefined };
      }
    }
  });
}

async function publishOnce(
  deps: Deps,
  call: Call,
  issuerId: string,
  shard: number,
  { serials, renew = false }: WhatToPublish,
): Promise<void> {
  const { tenant } = call.principal;
  const issuer = await existing(deps, tenant, "issuer", issuerId);
  const { state } = await deps.log.load(tenant, "crl", crlId(issuerId, shard));
  const published = state && (await publishedEntries(deps, tenant, state));
  if (state !== undefined && published !== undefined) keepEntries(deps, tenant, state, published);
  const entries = await entriesNow(deps, tenant, { issuer: issuerId, shard, state, published, serials, renew });
  const work: Work = { issuer, shard, entries, published };
  const now = deps.clock.now();
  const changed = serials === undefined ? entriesHash(entries) !== state?.entries_sha256 : entries !== published;
  // Who asks for the whole shard revoked many at once, and waits for no minute.
  const whole = serials === undefined && changed;
  const due = state === undefined || published === undefined || renew || whole;
  if (due || isCompleteDue(state, entries.serials.size, now)) {
    const complete = await publishComplete(deps, call, work, state);
    // RFC 5280 5.2.4: what is issued beside it has the same number and says the same.
    if (complete !== undefined) await publishDelta(deps, call, work, complete);
  } else if (changed || !deltaIsFresh(state, now)) await publishDelta(deps, call, work, state);
}

interface Wanted {
  readonly issuer: string;
  readonly shard: number;
  readonly state: Crl | undefined;
  readonly published: CrlEntries | undefined;
  readonly serials: readonly string[] | undefined;
  readonly renew: boolean;
}

async function entriesNow(deps: Deps, tenant: string, wanted: Wanted): Promise<CrlEntries> {
  const { issuer, shard, state, published, serials, renew } = wanted;
  const of = { issuer, shard };
  if (published === undefined || renew)
    return relist(deps, tenant, of, published, renew && state ? Date.parse(state.this_update) : undefined);
  const missing = serials?.some((serial) => !published.serials.has(serial));
  if (missing === false) return published;
  // A burst of revocations asks once for each; the first CRL that holds them all answers them all.
  const waiting = serials === undefined ? undefined : await waitingFor(deps, tenant, issuer, shard);
  if (serials === undefined || waiting === undefined) return relist(deps, tenant, of, published);
  return appended(deps, tenant, of, published, [...serials, ...waiting]);
}

const pageSize = 1_000;

/** Serials that other effects ask for. Undefined: one asks for the whole shard. */
async function waitingFor(deps: Deps, tenant: string, issuer: string, shard: number): Promise<string[] | undefined> {
  const { items } = await deps.log.list(tenant, "outbox", { limit: pageSize, view: { name: "outbox-pending" } });
  const serials: string[] = [];
  for (const { state } of items) {
    const { destination, payload } = state;
    if (destination !== "crl.publish" || payload["issuer"] !== issuer || payload["shard"] !== shard) continue;
    const named = serialsOf(payload);
    if (named === undefined) return undefined;
    serials.push(...named);
  }
  return serials;
}

interface Work {
  readonly issuer: Present<"issuer">;
  readonly shard: number;
  readonly entries: CrlEntries;
  readonly published: CrlEntries | undefined;
}

/** Octets of the published list, when the new one begins with it; else 0. */
const commonOctets = ({ encoded }: CrlEntries, published: CrlEntries | undefined): number =>
  published !== undefined && sameBytes(encoded.subarray(0, published.encoded.length), published.encoded)
    ? published.encoded.length
    : 0;

/**
 * @param newBase deltas build on this one from now on
 * @returns the state that it brought about; undefined when a newer one came first
 */
async function publishComplete(
  deps: Deps,
  call: Call,
  { issuer, shard, entries, published }: Work,
  before: Crl | undefined,
  newBase = false,
): Promise<Crl | undefined> {
  const { tenant } = call.principal;
  const { encoded, serials } = entries;
  const first = (await lastNumber(deps, tenant, before)) + 1;
  const known = commonOctets(entries, published);
  const signed = await signNextCrl(deps, tenant, { issuer, shard, encoded, known, first, last: lastCrlNumber(before) });
  const stored = await store(deps, call, { issuer, shard, name: "complete", count: serials.size, signed });
  const { number } = stored;
  const old = before?.base;
  const goesOn =
    old !== undefined &&
    !newBase &&
    known === published?.encoded.length &&
    number - old.number <= maxBaseAge &&
    serials.size - old.entries <= maxDeltaEntries;
  const data = {
    issuer: issuer.id,
    shard,
    ...stored,
    entries_sha256: entriesHash(entries),
    base: goesOn ? old : { number, octets: encoded.length, entries: serials.size },
    tbs_sha256: sha256Hex(signed.tbs),
  };
  return record(deps, call, { type: "crl.published", data }, entries, (last) =>
    // A higher number was signed after this one, and the signer lets no entry vanish: it says all that this one says.
    (last?.number ?? 0) >= number ? overtaken : last?.blob,
  );
}

/**
 * After a restore numbers go on from its moment in milliseconds: higher than any that was given after the backup (RFC 5280
 * 5.2.3: they rise for ever). The signer holds to the same.
 */
async function lastNumber(deps: Deps, tenant: string, crl: Crl | undefined): Promise<number> {
  const { state } = await deps.log.load(tenant, "tenant", tenant);
  return Math.max(lastCrlNumber(crl), state?.restored_at === undefined ? 0 : Date.parse(state.restored_at));
}

/** On its base, or on a new one where the signer does not know that any more (a store that was set back, say). */
async function publishDelta(deps: Deps, call: Call, work: Work, state: Crl): Promise<void> {
  try {
    await signDelta(deps, call, work, state);
  } catch (error) {
    if (!isRefusal(error, "unknownBase")) throw error;
    const complete = await publishComplete(deps, call, { ...work, published: undefined }, state, true);
    if (complete !== undefined) await signDelta(deps, call, work, complete);
  }
}

async function signDelta(deps: Deps, call: Call, work: Work, state: Crl): Promise<void> {
  const { issuer, shard, entries } = work;
  const { base } = state;
  if (base === undefined) return;
  const encoded = entries.encoded.subarray(base.octets);
  const { tenant } = call.principal;
  const last = await lastNumber(deps, tenant, state);
  // Beside the complete CRL of these very entries it has its number; what says more, or builds on it, the next.
  const beside = last === state.number && base.number < state.number && state.entries === entries.serials.size;
  const first = beside ? last : last + 1;
  const known = Math.max(0, commonOctets(entries, work.published) - base.octets);
  const signed = await signNextCrl(deps, tenant, {
    issuer,
    shard,
    encoded,
    known,
    first,
    last: lastCrlNumber(state),
    base: base.number,
  });
  const stored = await store(deps, call, {
    issuer,
    shard,
    name: "delta",
    count: entries.serials.size - base.entries,
    signed,
  });
  const data = { issuer: issuer.id, shard, ...stored, base: base.number, tbs_sha256: sha256Hex(signed.tbs) };
  await record(deps, call, { type: "crl.delta-published", data }, entries, (now) =>
    (now?.delta?.number ?? 0) >= stored.number || now?.base?.number !== base.number ? overtaken : now.delta?.blob,
  );
}

interface Storing {
  readonly issuer: Present<"issuer">;
  readonly shard: number;
  readonly name: "complete" | "delta";
  /** Entries. */
  readonly count: number;
  readonly signed: Signed;
}

/** Under a name that no other CRL has. */
async function store(deps: Deps, call: Call, { issuer, shard, name, count, signed }: Storing): Promise<PublishedCrl> {
  const crl = readOwnCrl(signed.tbs);
  const { signatureAlgorithm } = issuerMaterial(issuer.id, issuer.state);
  const der = assembleSigned(signed.tbs, signatureAlgorithm, signed.signature);
  const number = Number(crl.number);
  const file = name === "delta" ? `${number}-delta.crl` : `${number}.crl`;
  const blob = blobKey(call.principal.tenant, "crl", `${issuer.id}/${shard}/${file}`);
  await deps.blob.put(blob, der);
  return {
    number,
    this_update: isoTime(crl.thisUpdateMs),
    next_update: isoTime(crl.nextUpdateMs),
    entries: count,
    blob,
    sha256: sha256Hex(der),
  };
}

/** Says that another was faster. */
const overtaken = Symbol("overtaken");

/** @param replaces the blob that is then of no use any more, given the state before */
async function record(
  deps: Deps,
  call: Call,
  event: CrlEvent,
  entries: CrlEntries,
  replaces: (last: Crl | undefined) => string | undefined | typeof overtaken,
): Promise<Crl | undefined> {
  const { tenant } = call.principal;
  const { issuer, shard } = event.data;
  const late = new Failure("conflict", "a newer CRL was published meanwhile");
  let old: string | undefined;
  try {
    const { state } = await change(deps, call, async () => {
      const stream = await deps.log.load(tenant, "crl", crlId(issuer, shard));
      const replaced = replaces(stream.state);
      if (replaced === overtaken) throw late;
      old = replaced;
      return { stream, event };
    });
    if (state !== undefined) keepEntries(deps, tenant, state, entries);
    if (old !== undefined) await deps.blob.delete(old);
    return state;
  } catch (error) {
    if (error === late) return undefined;
    throw error;
  }
}
