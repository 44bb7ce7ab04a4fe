/**
 * The signer's journal against the events (I5): every signature has its event and every event its signature. A signature
 * whose event never came is recorded, and a certificate among them is revoked with that.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import { revocationId } from "#shared/domain/revocation/revocation";
import type { DomainEvent } from "#shared/domain/events";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "#shared/pki/certificate";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { JournalRecord } from "#shared/ports/signer";
import { change, effect } from "./commit.ts";
import { type Call, type Deps, systemCall } from "./deps.ts";
import { signedCertificate } from "./signed-certificate.ts";

export interface ReconcileReport {
  readonly signatures: number;
  readonly recorded: number;
  readonly ocspSignatures: number;
  readonly refused: number;
  /** Younger than the grace window: their commit may still come. */
  readonly inFlight: number;
  readonly repaired: readonly { readonly type: string; readonly id: string }[];
  /** Events whose signature the journal does not have. */
  readonly unjournalled: readonly { readonly type: string; readonly id: string }[];
}

const graceMs = 60_000;
const pageSize = 1000;

export async function reconcile(deps: Deps, call: Call): Promise<ReconcileReport> {
  const { tenant } = call.principal;
  // The journal first: whatever is signed after this moment is not looked at.
  const records = await readJournal(deps, tenant);
  const events = await readSigningEvents(deps, tenant);
  const now = deps.clock.now();
  const report = {
    signatures: 0,
    recorded: 0,
    ocspSignatures: 0,
    refused: 0,
    inFlight: 0,
    repaired: [] as { type: string; id: string }[],
  };
  const journalled = new Set<string>();
  for (const record of records) {
    if (record.op === "batch") report.ocspSignatures += record.count ?? 0;
    if (record.op === "refuse") report.refused++;
    if (record.op !== "sign" || record.tbs === undefined) continue;
    report.signatures++;
    const hash = sha256Hex(fromBase64(record.tbs));
    journalled.add(hash);
    if (events.has(hash)) report.recorded++;
    else if (now - record.time < graceMs) report.inFlight++;
    else report.repaired.push(await repair(deps, tenant, record, hash));
  }
  const unjournalled = [...events]
    .filter(([hash]) => !journalled.has(hash))
    .map(([, event]) => ({ type: event.type, id: event.id }));
  return { ...report, unjournalled };
}

async function readJournal(deps: Deps, tenant: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for (;;) {
    const page = await deps.signer.journal(tenant, records.at(-1)?.n ?? 0, pageSize);
    records.push(...page);
    if (page.length < pageSize) return records;
  }
}

/** SHA-256 of the TBS → the event that speaks of it. */
async function readSigningEvents(deps: Deps, tenant: string): Promise<Map<string, LoggedEvent>> {
  const found = new Map<string, LoggedEvent>();
  for (const { lane } of await deps.log.heads(tenant)) {
    let after = 0;
    for (;;) {
      const page = await deps.log.read(tenant, lane, after, pageSize);
      for (const logged of page) {
        const hash = tbsHash(logged.event);
        if (hash !== undefined) found.set(hash, logged);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) break;
      after = last.seq;
    }
  }
  return found;
}

const tbsHash = ({ data }: DomainEvent): string | undefined => ("tbs_sha256" in data ? data.tbs_sha256 : undefined);

async function repair(
  deps: Deps,
  tenant: string,
  record: JournalRecord,
  hash: string,
): Promise<{ type: string; id: string }> {
  const call = systemCall(tenant, "reconciler", record.opId);
  const leaf = record.type === "certificate" ? await orphanCertificate(deps, tenant, record) : undefined;
  if (leaf !== undefined) {
    const { issuer, serial, shard } = leaf;
    const id = certificateId(issuer, serial);
    await change(deps, call, async () => ({
      stream: await deps.log.load(tenant, "certificate", id),
      touches: [await deps.log.load(tenant, "revocation", revocationId(issuer, shard, serial))],
      event: { type: "certificate.reconciled", data: { ...leaf, op_id: record.opId } },
      effects: [effect(deps, "crl.publish", { issuer, shard })],
    }));
    return { type: "certificate", id };
  }
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "tenant", tenant),
    event: {
      type: "tenant.signature-reconciled",
      data: { signed: record.type, handle: record.handle, tbs_sha256: hash, op_id: record.opId },
    },
  }));
  return { type: record.type, id: record.opId };
}

/** A certificate under an issuer that we know can be revoked; any other orphan can only be recorded. */
async function orphanCertificate(deps: Deps, tenant: string, record: JournalRecord) {
  const { items } = await deps.log.list(tenant, "issuer", { limit: 1000 });
  const issuer = items.find(({ state }) => state.handle === record.handle);
  if (issuer === undefined) return undefined;
  const signed = { tbs: fromBase64(record.tbs ?? ""), signature: fromBase64(record.signature ?? "") };
  return signedCertificate(issuer.id, 0, signed, parseTbsCertificate(signed.tbs)).facts;
}
