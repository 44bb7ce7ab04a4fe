/**
 * Fills the data directory of a stopped host with certificates, through `log.commit` and the signer's journal: what stands
 * there afterwards is what as many issuances would have left. Only the signatures are copies.
 */
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { readAll } from "#events/log/rebuild";
import { systemClock } from "#shared/adapters/local/clock";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import { sha256Hex } from "#shared/crypto/hash";
import { certificateId, type IssuedCertificate } from "#shared/domain/certificate/certificate";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import type { EventLog } from "#shared/ports/event-log";
import { type Entry, type Journal, openJournal } from "#signer/journal";
import { certificateCopies, type Copy, nameOf } from "./template.ts";

export interface Population {
  readonly tenant: string;
  /** How many to add. */
  readonly count: number;
  /** Told after each so many. */
  readonly onProgress?: (done: number) => void;
}

const lanes = 1;
const cachedRows = 5_000;
/** Enough for full batches of the log and few syncs of the journal. */
const together = 1_000;

/** @param data directory of a host that is stopped and has issued one certificate for `nameOf(0)` */
export async function populate(data: string, { tenant, count, onProgress }: Population): Promise<void> {
  const sqlite = openSqlite(join(data, "host", "store.db"));
  const tables = sqliteTableStore(sqlite, systemClock, { cachedRows });
  const log = createEventLog({ tables, wakes: localWakes({ onError: fail }), lanes });
  const template = await templateOf(log, tenant);
  let record: Entry | undefined;
  const journal = await openJournal(join(data, "signer", "journal"), (entry) => {
    if (entry.op === "sign" && entry.tbs !== undefined && sha256Hex(fromBase64(entry.tbs)) === template.tbs_sha256)
      record = entry;
  });
  if (record === undefined) throw new Error("the journal has no signature for the template");
  const copy = certificateCopies(template, fromBase64(record.tbs ?? ""));
  try {
    for (let done = 0; done < count; done += together) {
      const size = Math.min(together, count - done);
      const copies = Array.from({ length: size }, (_, n) => copy(done + n + 1));
      await Promise.all(copies.map((one) => add(log, journal, tenant, record as Entry, one)));
      onProgress?.(done + size);
    }
  } finally {
    await journal.close();
    sqlite.close();
  }
}

async function templateOf(log: EventLog, tenant: string): Promise<IssuedCertificate> {
  for await (const { event } of readAll(log, tenant))
    if (event.type === "certificate.issued" && event.data.sans.some((name) => name.endsWith(nameOf(0))))
      return event.data;
  throw new Error(`tenant ${tenant} has no certificate for ${nameOf(0)}`);
}

/** In the order of an issuance: the signature is journalled before its event is written. */
async function add(log: EventLog, journal: Journal, tenant: string, record: Entry, { data, tbs }: Copy): Promise<void> {
  const at = systemClock.now();
  const key = sha256Hex(`population ${data.serial}`);
  await journal.append({
    ...record,
    time: at,
    opId: `issue/${key.slice(0, 40)}`,
    requestHash: key,
    tbs: base64(tbs),
  });
  const outcome = await log.commit({
    tenant,
    actor: { subject: "population", roles: [] },
    at,
    stream: {
      kind: "certificate",
      id: certificateId(data.issuer, data.serial),
      rev: 0,
      state: undefined,
      origin: undefined,
    },
    event: { type: "certificate.issued", data },
    idempotency: {
      key,
      fingerprint: key,
      status: 201,
      operation: "certificates.issue",
      resource: certificateId(data.issuer, data.serial),
    },
    trace: key.slice(0, 32),
  });
  if (!outcome.ok) throw new Error(`${data.serial}: ${outcome.reason}`);
}

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
