/**
 * Signatures whose event never came. A certificate among them is recorded and revoked with that. A CRL that was signed and
 * is not in the log may list revocations that the log has lost, when its disk did not keep what it promised: the signer
 * lets no entry vanish, so they are taken up again as they were, and the next CRL can be signed.
 */
import { certificateId } from "#shared/domain/certificate/certificate";
import { revocationId } from "#shared/domain/revocation/revocation";
import { fromBase64 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { parseTbsCertList } from "#shared/pki/crl";
import type { JournalRecord } from "#shared/ports/signer";
import { findIssuer } from "./all-issuers.ts";
import { change, effect } from "./commit.ts";
import { type Deps, systemCall } from "./deps.ts";
import type { Present } from "./load.ts";
import { revokeCertificate } from "./revoke-certificate.ts";
import { signedCertificate } from "./signed-certificate.ts";

export interface Orphan {
  readonly record: JournalRecord;
  /** SHA-256 of its TBS, hex. */
  readonly hash: string;
}

export interface Repaired {
  readonly type: string;
  readonly id: string;
}

type Entry = ReturnType<typeof parseTbsCertList>["entries"][number];

const part = "reconciler";

export async function repairOrphans(deps: Deps, tenant: string, orphans: readonly Orphan[]): Promise<Repaired[]> {
  const repaired: Repaired[] = [];
  const listed = new Map<string, Entry>();
  const lists: { readonly orphan: Orphan; readonly issuer: Present<"issuer">; readonly entries: readonly Entry[] }[] =
    [];
  for (const orphan of orphans) {
    const issuer = orphan.record.type === "crl" ? await issuerOf(deps, tenant, orphan) : undefined;
    if (issuer === undefined) continue;
    const { entries } = parseTbsCertList(tbsOf(orphan));
    for (const entry of entries) listed.set(certificateId(issuer.id, entry.serialHex), entry);
    lists.push({ orphan, issuer, entries });
  }
  for (const orphan of orphans) {
    const done = await record(deps, tenant, orphan, listed).catch(unlessDone);
    if (done !== undefined) repaired.push(done);
  }
  for (const { orphan, issuer, entries } of lists)
    for (const entry of entries) {
      const id = certificateId(issuer.id, entry.serialHex);
      if (await takeUp(deps, tenant, id, entry, orphan).catch(unlessDone)) repaired.push({ type: "revocation", id });
    }
  return repaired;
}

async function record(
  deps: Deps,
  tenant: string,
  orphan: Orphan,
  listed: ReadonlyMap<string, Entry>,
): Promise<Repaired> {
  const { type, handle, opId } = orphan.record;
  const { hash } = orphan;
  // Two may reconcile at the same time, the clock and a person: each signature is recorded once.
  const idempotency = { key: `reconciler/${hash}`, fingerprint: hash, status: 200, operation: "audit.reconcile" };
  const call = { ...systemCall(tenant, part, opId), idempotency };
  const issuer = type === "certificate" ? await issuerOf(deps, tenant, orphan) : undefined;
  if (issuer === undefined) {
    const data = { signed: type, handle, tbs_sha256: hash, op_id: opId };
    await change(deps, call, async () => ({
      stream: await deps.log.load(tenant, "tenant", tenant),
      event: { type: "tenant.signature-reconciled", data },
    }));
    return { type, id: opId };
  }
  const tbs = tbsOf(orphan);
  const signed = { tbs, signature: fromBase64(orphan.record.signature ?? "") };
  const { facts } = signedCertificate(issuer.id, 0, signed, parseTbsCertificate(tbs));
  const id = certificateId(issuer.id, facts.serial);
  const entry = listed.get(id);
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "certificate", id),
    touches: [await deps.log.load(tenant, "revocation", revocationId(issuer.id, facts.shard, facts.serial))],
    event: { type: "certificate.reconciled", data: { ...facts, op_id: opId, ...(entry && { reason: entry.reason }) } },
    effects: [effect(deps, "crl.publish", { issuer: issuer.id, shard: facts.shard, serials: facts.serial })],
    ...(entry && { at: entry.revokedAtMs }),
  }));
  return { type: "certificate", id };
}

/** @returns false when the log knows it */
async function takeUp(
  deps: Deps,
  tenant: string,
  id: string,
  entry: Entry,
  { record: { opId } }: Orphan,
): Promise<boolean> {
  const { state } = await deps.log.load(tenant, "certificate", id);
  if (state === undefined || state.revoked_at !== null) return false;
  const call = systemCall(tenant, part, opId, ["certs:issue"]);
  await revokeCertificate(deps, call, id, entry.reason, entry.revokedAtMs);
  return true;
}

/** @throws what is no sign that somebody else was first */
function unlessDone(error: unknown): undefined {
  if (!isFailure(error, "idempotency_replayed") && !isFailure(error, "conflict")) throw error;
}

/** Only of issuers that the log knows; any other orphan can only be recorded. */
const issuerOf = (deps: Deps, tenant: string, { record: { handle } }: Orphan) =>
  findIssuer(deps, tenant, ({ state }) => state.handle === handle);

const tbsOf = ({ record: { tbs } }: Orphan): Uint8Array => fromBase64(tbs ?? "");
