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
import type { EventLog, Snapshot } from "#shared/ports/event-log";
import { type Entry, type Journal, openJournal } from "#signer/journal";
import { certificateCopies, type Copy, nameOf } from "./template.ts";

export interface Population {
  readonly tenant: string;
  /** How many to add. */
  readonly count: number;
  /** Of which template each copy is, in turn; template n was issued for `nameOf(n)`. Default: all of the one. */
  readonly kinds?: readonly number[];
  /** One in so many takes the place of the one that was added `renewedAfter` before it. Default: none. */
  readonly renewedEvery?: number;
  /** Told after each so many. */
  readonly onProgress?: (done: number) => void;
}

const lanes = 1;
const cachedRows = 5_000;
/** Enough for full batches of the log and few syncs of the journal. */
const together = 1_000;

/** So many copies later a certificate is renewed: by then it is stored. */
export const renewedAfter = 1_000;

interface Template {
  readonly issued: IssuedCertificate;
  readonly record: Entry;
  readonly copy: (n: number) => Copy;
}

/** @param data directory of a host that is stopped and has issued one certificate for the `nameOf` of each template */
export async function populate(data: string, population: Population): Promise<void> {
  const { tenant, count, kinds = [0], renewedEvery, onProgress } = population;
  const sqlite = openSqlite(join(data, "host", "store.db"));
  const tables = sqliteTableStore(sqlite, systemClock, { cachedRows });
  const log = createEventLog({ tables, wakes: localWakes({ onError: fail }), lanes });
  const first = Math.max(...kinds) + 1;
  const journalPath = join(data, "signer", "journal");
  const { templates, journal } = await readTemplates(log, tenant, journalPath, first);
  const of = (n: number): Template => templates[kinds[n % kinds.length] ?? 0] as Template;
  const idOf = (n: number): string => {
    const { data: issued } = of(n).copy(n);
    return certificateId(issued.issuer, issued.serial);
  };
  try {
    for (let done = 0; done < count; done += together) {
      const size = Math.min(together, count - done);
      await Promise.all(
        Array.from({ length: size }, async (_, place) => {
          const n = first + done + place;
          const { record, copy } = of(n);
          const renews = renewedEvery !== undefined && n % renewedEvery === 0 && n - renewedAfter >= first;
          const replaced = renews ? await log.load(tenant, "certificate", idOf(n - renewedAfter)) : undefined;
          await add(log, journal, tenant, record, copy(n), replaced);
        }),
      );
      onProgress?.(done + size);
    }
  } finally {
    await journal.close();
    sqlite.close();
  }
}

async function readTemplates(log: EventLog, tenant: string, path: string, count: number) {
  const issued = await issuedTemplates(log, tenant, count);
  const records = new Map<string, Entry>();
  const journal = await openJournal(path, (entry) => {
    if (entry.op !== "sign" || entry.tbs === undefined) return;
    const sha256 = sha256Hex(fromBase64(entry.tbs));
    if (issued.some(({ tbs_sha256 }) => tbs_sha256 === sha256)) records.set(sha256, entry);
  });
  const templates = issued.map((one): Template => {
    const record = records.get(one.tbs_sha256);
    if (record === undefined) throw new Error("the journal has no signature for a template");
    return {
      issued: one,
      record,
      copy: certificateCopies(one, fromBase64(record.tbs ?? ""), nameOf(issued.indexOf(one))),
    };
  });
  return { templates, journal };
}

async function issuedTemplates(log: EventLog, tenant: string, count: number): Promise<readonly IssuedCertificate[]> {
  const wanted = Array.from({ length: count }, (_, n) => nameOf(n));
  const found = new Map<string, IssuedCertificate>();
  for await (const { event } of readAll(log, tenant)) {
    if (event.type !== "certificate.issued") continue;
    const name = wanted.find((one) => event.data.sans.some((san) => san.endsWith(one)));
    if (name !== undefined) found.set(name, event.data);
    if (found.size === count) break;
  }
  return wanted.map((name) => {
    const issued = found.get(name);
    if (issued === undefined) throw new Error(`tenant ${tenant} has no certificate for ${name}`);
    return issued;
  });
}

/** In the order of an issuance: the signature is journalled before its event is written. */
async function add(
  log: EventLog,
  journal: Journal,
  tenant: string,
  record: Entry,
  { data, tbs }: Copy,
  replaced: Snapshot<"certificate"> | undefined,
): Promise<void> {
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
    event: { type: "certificate.issued", data: { ...data, ...replacing(replaced) } },
    ...(replaced !== undefined && { touches: [replaced] }),
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

const replacing = (replaced: Snapshot<"certificate"> | undefined) =>
  replaced?.state === undefined ? {} : { replaces: replaced.id, replaces_until: replaced.state.not_after };

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
