/**
 * The signer's journal against the events (I5): every signature has its event and every event its signature. A signature
 * whose event never came is recorded, and a certificate among them is revoked with that.
 */
import { sha256Hex } from "#shared/crypto/hash";
import type { DomainEvent } from "#shared/domain/events";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { JournalRecord } from "#shared/ports/signer";
import type { Call, Deps } from "./deps.ts";
import { type Orphan, repairOrphans } from "./repair-orphans.ts";

export interface ReconcileReport {
  readonly signatures: number;
  readonly recorded: number;
  readonly ocspSignatures: number;
  /** Answers to enrolments that an RA key signed (SCEP, CMP), and content keys that it decrypted. */
  readonly replySignatures: number;
  readonly decryptions: number;
  readonly checkpoints: number;
  readonly refused: number;
  /** Younger than the grace window: their commit may still come. */
  readonly inFlight: number;
  readonly repaired: readonly { readonly type: string; readonly id: string }[];
  /** Events whose signature the journal does not have. */
  readonly unjournalled: readonly { readonly type: string; readonly id: string }[];
}

interface SaidOfSignature {
  readonly type: string;
  readonly id: string;
  readonly time: string;
  readonly data: { readonly tbs_sha256?: string };
}

type Counter = "ocspSignatures" | "replySignatures" | "decryptions";

/** Where batch totals are counted, by their type. */
const counterOf: Partial<Record<JournalRecord["type"], Counter>> = {
  ocsp: "ocspSignatures",
  cms: "replySignatures",
  cmp: "replySignatures",
  decrypt: "decryptions",
};

const graceMs = 60_000;
const pageSize = 1000;

/** What has no counterpart so far, and where reading goes on. Small, however long log and journal are. */
export interface ReconciliationState {
  readonly lanes: Readonly<Record<number, number>>;
  /** Number and hash of the last record that was read. */
  readonly journal: { readonly n: number; readonly hash: string };
  readonly counts: Pick<ReconcileReport, "signatures" | "recorded" | "checkpoints" | "refused" | Counter>;
  /** By SHA-256 of the TBS. */
  readonly records: Readonly<Record<string, { readonly n: number; readonly time: number }>>;
  readonly events: Readonly<Record<string, { readonly type: string; readonly id: string; readonly time: string }>>;
}

/** Goes on where it stopped: what was matched once is not read again. */
export interface Reconciliation {
  advance(): Promise<ReconcileReport>;
  state(): ReconciliationState;
}

const beginning: ReconciliationState = {
  lanes: {},
  journal: { n: 0, hash: "" },
  counts: {
    signatures: 0,
    recorded: 0,
    ocspSignatures: 0,
    replySignatures: 0,
    decryptions: 0,
    checkpoints: 0,
    refused: 0,
  },
  records: {},
  events: {},
};

/** @param from of an earlier process */
export function createReconciliation(deps: Deps, tenant: string, from = beginning): Reconciliation {
  const counts = { ...beginning.counts, ...from.counts };
  const repaired: { type: string; id: string }[] = [];
  const records = new Map(Object.entries(from.records));
  const events = new Map(Object.entries(from.events));
  const laneAfter: Record<number, number> = { ...from.lanes };
  let journalAfter = from.journal;

  /** @returns true when there may be more */
  async function readEvents(): Promise<boolean> {
    let more = false;
    const { state: facts } = await deps.log.load(tenant, "tenant", tenant);
    for (const { lane } of await deps.log.heads(tenant)) {
      const removed = facts?.pruned?.heads.find((head) => head.lane === lane)?.sequence ?? 0;
      if ((laneAfter[lane] ?? 0) < removed) {
        laneAfter[lane] = await readLinks(lane, laneAfter[lane] ?? 0, removed);
        more = true;
        continue;
      }
      const page = await deps.log.read(tenant, lane, laneAfter[lane] ?? 0, pageSize);
      for (const { seq, event, type, id, time } of page) {
        laneAfter[lane] = seq;
        const hash = tbsHash(event);
        if (hash === undefined) continue;
        if (records.delete(hash)) counts.recorded++;
        else events.set(hash, { type, id, time });
      }
      more ||= page.length === pageSize;
    }
    return more;
  }

  /** Where retention may have removed events: their links still say which signature each accounts for. */
  async function readLinks(lane: number, after: number, to: number): Promise<number> {
    const page = await deps.log.links(tenant, lane, after, Math.min(pageSize, to - after));
    for (const { seq, signed, event } of page) {
      const said = event === undefined ? undefined : (JSON.parse(event) as SaidOfSignature);
      const hash = signed ?? said?.data.tbs_sha256;
      if (hash === undefined) continue;
      if (records.delete(hash)) counts.recorded++;
      else events.set(hash, said ?? { type: "a removed event", id: `${lane}/${seq}`, time: new Date(0).toISOString() });
    }
    return page.at(-1)?.seq ?? to;
  }

  async function readJournal(): Promise<boolean> {
    const page = await deps.signer.journal(tenant, journalAfter.n, pageSize);
    for (const { n, hash, op, type, count, tbs, time } of page) {
      journalAfter = { n, hash };
      const counter = op === "batch" ? counterOf[type] : undefined;
      if (counter !== undefined) counts[counter] += count ?? 0;
      if (op === "refuse") counts.refused += count ?? 1;
      if (op !== "sign" || tbs === undefined) continue;
      // A checkpoint is no event: see events/checkpoints.
      if (type === "checkpoint") {
        counts.checkpoints++;
        continue;
      }
      counts.signatures++;
      const signed = sha256Hex(fromBase64(tbs));
      if (events.delete(signed)) counts.recorded++;
      else records.set(signed, { n, time });
    }
    return page.length > 0;
  }

  /** Side by side, a page of each at a time, so that little waits for its counterpart in memory. */
  async function readBoth(): Promise<void> {
    for (;;) {
      // The events first: the record of each stood in the journal before it, so it is found in what is read next.
      const moreEvents = await readEvents();
      const moreRecords = await readJournal();
      if (!moreEvents && !moreRecords) return;
    }
  }

  async function recordAt(n: number): Promise<JournalRecord> {
    const [record] = await deps.signer.journal(tenant, n - 1, 1);
    if (record?.n !== n) throw new Failure("corrupt", `the signer's journal no longer has record ${n}`);
    return record;
  }

  return {
    async advance() {
      await readBoth();
      const now = deps.clock.now();
      const isOld = (time: number): boolean => Math.abs(now - time) >= graceMs; // far ahead: the clock was set back
      const late = [...records].filter(([, { time }]) => isOld(time));
      const orphans: Orphan[] = [];
      for (const [hash, { n }] of late) orphans.push({ hash, record: await recordAt(n) });
      repaired.push(...(await repairOrphans(deps, tenant, orphans)));
      if (late.length > 0) await readBoth();
      const unjournalled = [...events.values()]
        .filter(({ time }) => isOld(Date.parse(time)))
        .map(({ type, id }) => ({ type, id }));
      return { ...counts, inFlight: records.size, repaired: [...repaired], unjournalled };
    },
    state: () => ({
      lanes: { ...laneAfter },
      journal: journalAfter,
      counts: { ...counts },
      records: Object.fromEntries(records),
      events: Object.fromEntries(events),
    }),
  };
}

/** True when the journal still has the record that an earlier process stopped at: else it is another journal. */
export async function isOfThisJournal(deps: Deps, tenant: string, { journal }: ReconciliationState): Promise<boolean> {
  if (journal.n === 0) return true;
  const [record] = await deps.signer.journal(tenant, journal.n - 1, 1);
  return record?.n === journal.n && record.hash === journal.hash;
}

/** From the beginning of the journal and the log. */
export const reconcile = (deps: Deps, call: Call): Promise<ReconcileReport> =>
  createReconciliation(deps, call.principal.tenant).advance();

const tbsHash = ({ data }: DomainEvent): string | undefined => ("tbs_sha256" in data ? data.tbs_sha256 : undefined);
