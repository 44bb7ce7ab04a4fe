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
import { findIssuer } from "./all-issuers.ts";
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

/** Goes on where it stopped: what was matched once is not read again. */
export interface Reconciliation {
  advance(): Promise<ReconcileReport>;
}

export function createReconciliation(deps: Deps, tenant: string): Reconciliation {
  const counts = { signatures: 0, recorded: 0, ocspSignatures: 0, refused: 0 };
  const repaired: { type: string; id: string }[] = [];
  /** By SHA-256 of the TBS: what has no counterpart so far. */
  const records = new Map<string, JournalRecord>();
  const events = new Map<string, LoggedEvent>();
  const laneAfter = new Map<number, number>();
  let journalAfter = 0;

  async function readEvents(): Promise<void> {
    for (const { lane } of await deps.log.heads(tenant)) {
      for (;;) {
        const page = await deps.log.read(tenant, lane, laneAfter.get(lane) ?? 0, pageSize);
        for (const logged of page) {
          laneAfter.set(lane, logged.seq);
          const hash = tbsHash(logged.event);
          if (hash === undefined) continue;
          if (records.delete(hash)) counts.recorded++;
          else events.set(hash, logged);
        }
        if (page.length < pageSize) break;
      }
    }
  }

  async function readJournal(): Promise<void> {
    for (;;) {
      const page = await deps.signer.journal(tenant, journalAfter, pageSize);
      if (page.length === 0) return;
      for (const record of page) {
        journalAfter = record.n;
        if (record.op === "batch") counts.ocspSignatures += record.count ?? 0;
        if (record.op === "refuse") counts.refused += record.count ?? 1;
        if (record.op !== "sign" || record.tbs === undefined) continue;
        counts.signatures++;
        const hash = sha256Hex(fromBase64(record.tbs));
        if (events.delete(hash)) counts.recorded++;
        else records.set(hash, record);
      }
    }
  }

  return {
    async advance() {
      // The events first: the record of each stood in the journal before it, so it is found in what is read next.
      await readEvents();
      await readJournal();
      await readEvents();
      const now = deps.clock.now();
      const late = [...records].filter(([, record]) => now - record.time >= graceMs);
      for (const [hash, record] of late) repaired.push(await repair(deps, tenant, record, hash));
      if (late.length > 0) await readEvents();
      const unjournalled = [...events.values()]
        .filter(({ time }) => now - Date.parse(time) >= graceMs)
        .map(({ type, id }) => ({ type, id }));
      return { ...counts, inFlight: records.size, repaired: [...repaired], unjournalled };
    },
  };
}

/** From the beginning of the journal and the log. */
export const reconcile = (deps: Deps, call: Call): Promise<ReconcileReport> =>
  createReconciliation(deps, call.principal.tenant).advance();

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
  const issuer = await findIssuer(deps, tenant, ({ state }) => state.handle === record.handle);
  if (issuer === undefined) return undefined;
  const signed = { tbs: fromBase64(record.tbs ?? ""), signature: fromBase64(record.signature ?? "") };
  return signedCertificate(issuer.id, 0, signed, parseTbsCertificate(signed.tbs)).facts;
}
