/**
 * The encoded entries of a shard, in the order in which they were published. They are kept in memory and, for every other
 * process, stand in the CRLs themselves: a new revocation is appended, nothing is read or encoded again. What the log says is
 * the truth: `relist` makes them from the revocations, as after a loss.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import { type Crl, crlId } from "#shared/domain/crl/crl";
import { type Revocation, revocationId } from "#shared/domain/revocation/revocation";
import { concat, concatAll } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { crlEntryDer, parseCertificateList } from "#shared/pki/crl";
import type { ReasonName } from "#shared/pki/reason";
import type { Directory } from "#shared/ports/directory";
import type { Deps } from "./deps.ts";

export interface CrlEntries {
  /** DER, one after another. */
  readonly encoded: Uint8Array;
  readonly serials: ReadonlySet<string>;
}

const pageSize = 1_000;
const maxKept = 64;

interface Kept extends CrlEntries {
  readonly version: string;
}

/** Of a process: by tenant and shard, for the CRLs that its state names. */
const kept = new WeakMap<Directory, Map<string, Kept>>();

const versionOf = ({ sha256, delta }: Crl): string => `${sha256} ${delta?.sha256 ?? ""}`;

/** What the CRLs of the state say together. Undefined: unknown, their bytes are lost or older than what is kept of them. */
export async function publishedEntries(deps: Deps, tenant: string, crl: Crl): Promise<CrlEntries | undefined> {
  const known = kept.get(deps.directory)?.get(`${tenant}/${crlId(crl.issuer, crl.shard)}`);
  if (known?.version === versionOf(crl)) return known;
  const complete = await listOf(deps, crl.blob);
  if (complete === undefined || crl.base === undefined) return undefined;
  if (crl.delta === undefined || crl.delta.number <= crl.number) return complete;
  const delta = await listOf(deps, crl.delta.blob);
  if (delta === undefined) return undefined;
  return {
    encoded: concat(complete.encoded.subarray(0, crl.base.octets), delta.encoded),
    serials: new Set([...complete.serials, ...delta.serials]),
  };
}

/** @param crl the state that has just come to say these entries */
export function keepEntries(deps: Deps, tenant: string, crl: Crl, entries: CrlEntries): void {
  const all = kept.get(deps.directory) ?? new Map<string, Kept>();
  kept.set(deps.directory, all);
  const name = `${tenant}/${crlId(crl.issuer, crl.shard)}`;
  all.delete(name);
  all.set(name, { ...entries, version: versionOf(crl) });
  if (all.size > maxKept) all.delete(all.keys().next().value ?? "");
}

async function listOf(deps: Deps, blob: string): Promise<CrlEntries | undefined> {
  const der = await deps.blob.get(blob);
  if (der === undefined) return undefined;
  try {
    const { list, entries } = parseCertificateList(der);
    return { encoded: list, serials: new Set(entries.map(({ serialHex }) => serialHex)) };
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    return undefined; // not what was written: as good as lost
  }
}

/** With those of these serials that are revoked and not yet in. */
export async function appended(
  deps: Deps,
  tenant: string,
  { issuer, shard }: Pick<Crl, "issuer" | "shard">,
  entries: CrlEntries,
  serials: readonly string[],
): Promise<CrlEntries> {
  const fresh: [string, Revocation][] = [];
  for (const serial of new Set(serials)) {
    if (entries.serials.has(serial)) continue;
    const { state } = await deps.log.load(tenant, "revocation", revocationId(issuer, shard, serial));
    if (state !== undefined) fresh.push([serial, state]);
  }
  return withEntries(entries, fresh);
}

/**
 * All revocations of the shard: first those that are published, in their order, then the others as they came about.
 * @param overAtMs when given, without the certificates that had ended before (RFC 5280 3.3)
 */
export async function relist(
  deps: Deps,
  tenant: string,
  { issuer, shard }: Pick<Crl, "issuer" | "shard">,
  published: CrlEntries | undefined,
  overAtMs?: number,
): Promise<CrlEntries> {
  const revoked = await revocationsOf(deps, tenant, crlId(issuer, shard));
  if (overAtMs !== undefined)
    for (const [serial, { not_after }] of revoked) {
      const notAfter = not_after ?? (await notAfterOf(deps, tenant, issuer, serial));
      if (notAfter !== undefined && Date.parse(notAfter) < overAtMs) revoked.delete(serial);
    }
  const complete = published !== undefined && [...published.serials].every((serial) => revoked.has(serial));
  const start = complete ? published : { encoded: new Uint8Array(0), serials: new Set<string>() };
  const order = new Map([...(published?.serials ?? [])].map((serial, at) => [serial, at]));
  const rest = [...revoked].filter(([serial]) => !start.serials.has(serial));
  const before = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
  const place = (serial: string): number => order.get(serial) ?? order.size;
  rest.sort(
    ([a, { revoked_at: aAt }], [b, { revoked_at: bAt }]) => place(a) - place(b) || before(aAt, bAt) || before(a, b),
  );
  return withEntries(start, rest);
}

const notAfterOf = async (deps: Deps, tenant: string, issuer: string, serial: string): Promise<string | undefined> =>
  (await deps.log.load(tenant, "certificate", certificateId(issuer, serial))).state?.not_after;

async function revocationsOf(deps: Deps, tenant: string, partition: string): Promise<Map<string, Revocation>> {
  const revoked = new Map<string, Revocation>();
  let after: string | undefined;
  do {
    const page = await deps.log.list(tenant, "revocation", { partition, limit: pageSize, after });
    for (const { id, state } of page.items) revoked.set(id.slice(partition.length + 1), state);
    after = page.cursor;
  } while (after !== undefined);
  return revoked;
}

function withEntries(entries: CrlEntries, fresh: readonly (readonly [string, Revocation])[]): CrlEntries {
  if (fresh.length === 0) return entries;
  const added = fresh.map(([serial, { revoked_at, reason }]) =>
    crlEntryDer({ serial, revokedAtMs: Date.parse(revoked_at), reason: reason as ReasonName }),
  );
  return {
    encoded: concatAll([entries.encoded, ...added]),
    serials: new Set([...entries.serials, ...fresh.map(([serial]) => serial)]),
  };
}

export const entriesHash = ({ encoded }: CrlEntries): string => sha256Hex(encoded);
