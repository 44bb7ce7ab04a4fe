/**
 * A tenant's journal that several processes write: record n is one item, put where there is none, with the hash of the record
 * before it. Whoever puts record n has therefore read and learnt all before it: there is no head, and nothing to lock.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SignerBucket } from "#shared/ports/bucket";
import { maxItemBytes, type SharedItem, type SharedItems } from "#shared/ports/items";
import type { JournalRecord } from "#shared/ports/signer";
import type { Entry } from "../journal-entry.ts";
import {
  farOf,
  hashOf,
  journalPartition,
  numberOf,
  recordItem,
  recordKey,
  recordOf,
  type TableRecord,
} from "./record-item.ts";

/** A record, and with it all before it. */
export interface ChainMark {
  readonly n: number;
  readonly hash: string;
}

export interface Chain {
  /** The last record that was learnt. */
  mark(): ChainMark;
  /** Learns what there is behind it. @returns how many records @throws Failure `corrupt`, `unavailable` */
  catchUp(): Promise<number>;
  /**
   * Writes the next record, and learns it. @returns undefined when others came first; what they wrote is learnt then
   * @throws Failure `unavailable`: the record may be there, or come yet
   */
  append(entry: Entry): Promise<number | undefined>;
  /** One that was learnt. */
  readAt(n: number): Promise<Entry>;
  /** Behind `after`, as the reconciler sees them; fewer than `limit` when they are large. */
  scan(after: number, limit: number): Promise<JournalRecord[]>;
}

export interface ChainDeps {
  readonly items: SharedItems;
  readonly bucket: SignerBucket;
  readonly tenant: string;
  /** What was learnt already: its record is looked at, those before are not. */
  readonly from: ChainMark | undefined;
  readonly onRecord: (record: TableRecord) => void;
}

/** A page of DynamoDB ends at 1 MB anyway. */
const pageSize = 1_000;
/** What one `scan` gives, in bytes of TBS and signatures; a single record may have more. */
const maxScanBytes = 3_000_000;
/** Beside the TBS. */
const maxRestBytes = 60_000;

export function openChain({ items, bucket, tenant, from, onRecord }: ChainDeps): Chain {
  const pk = journalPartition(tenant);
  let { n, hash } = from ?? { n: 0, hash: "" };
  let unproven = from !== undefined;
  const recordAt = (item: SharedItem) => wholeRecord(item, bucket, tenant);

  function learn(record: TableRecord): void {
    if (record.n !== n + 1)
      throw new Failure(
        "corrupt",
        `the journal ${pk} lacks record ${n + 1}; restore the table, and treat its keys as suspect`,
      );
    if (hashOf(hash, record.entry) !== record.hash) throw damaged(pk, record.n);
    onRecord(record);
    ({ n, hash } = record);
  }

  /** The record that is known must be there still: a journal that has lost it has lost what this process would forget. */
  function prove(record: TableRecord | undefined): void {
    if (record?.n !== n || record.hash !== hash)
      throw new Failure(
        "corrupt",
        `the journal ${pk} has not the ${n} records that the signer remembers; restore the table. If it was restored on purpose, remove what the signer remembers of the tenant from its bucket`,
      );
    unproven = false;
  }

  async function catchUp(): Promise<number> {
    const before = n;
    for (let more = true; more; ) {
      const page = await items.after(pk, recordKey(unproven ? n - 1 : n), pageSize);
      if (unproven && page.items.length === 0) prove(undefined);
      for (const item of page.items) {
        const record = await recordAt(item);
        if (unproven) prove(record);
        else learn(record);
      }
      more = page.more;
    }
    return n - before;
  }

  return {
    mark: () => ({ n, hash }),
    catchUp,

    async append(entry) {
      const record: TableRecord = { n: n + 1, hash: hashOf(hash, entry), entry };
      const far = await putFar(bucket, tenant, entry);
      try {
        if (await items.put(recordItem(pk, record, far), "absent")) {
          learn(record);
          return record.n;
        }
      } catch (error) {
        // Written and the answer lost, or not written: what is there tells, if it can be read.
        await catchUp().catch(() => Promise.reject(error));
        if (await isThere(record)) return record.n;
        throw error;
      }
      await catchUp();
      return (await isThere(record)) ? record.n : undefined;
    },

    async readAt(wanted) {
      const item = await items.get({ pk, sk: recordKey(wanted) });
      if (item === undefined) throw damaged(pk, wanted);
      return (await recordAt(item)).entry;
    },

    scan: (after, limit) => scanChain({ items, bucket, tenant }, after, limit),
  };

  /** An earlier try of the same put may have come through: the client repeats it by itself. */
  async function isThere(record: TableRecord): Promise<boolean> {
    if (n < record.n) return false;
    if (n === record.n) return hash === record.hash;
    const item = await items.get({ pk, sk: recordKey(record.n) });
    return item !== undefined && (await recordAt(item)).hash === record.hash;
  }
}

/** What `Chain.scan` gives, of a tenant of whom nothing needs to be known. */
export async function scanChain(
  { items, bucket, tenant }: Pick<ChainDeps, "items" | "bucket" | "tenant">,
  after: number,
  limit: number,
): Promise<JournalRecord[]> {
  const { items: page } = await items.after(journalPartition(tenant), recordKey(Math.max(0, after)), limit);
  const found: JournalRecord[] = [];
  let bytes = 0;
  for (const item of page) {
    const { n, hash, entry } = await wholeRecord(item, bucket, tenant);
    const { spec: _spec, spki: _spki, ...visible } = entry;
    bytes += ((visible.tbs?.length ?? 0) + (visible.signature?.length ?? 0)) * 0.75;
    if (bytes > maxScanBytes && found.length > 0) break;
    found.push({ ...visible, n, hash });
  }
  return found;
}

/** @throws Failure `corrupt` also when the bucket has not the TBS that was signed, which S3 does not tell from a forbidden one */
async function wholeRecord(item: SharedItem, bucket: SignerBucket, tenant: string): Promise<TableRecord> {
  const far = farOf(item);
  if (far === undefined) return recordOf(item);
  const tbs = await bucket.get(farName(tenant, far));
  if (tbs !== undefined && sha256Hex(tbs) === far) return recordOf(item, tbs);
  throw new Failure(
    "corrupt",
    `the TBS of record ${numberOf(item.sk)} of the journal ${item.pk} lies in the signer's bucket as ${farName(tenant, far)}, and is not there, not readable or another one; restore that object`,
  );
}

const damaged = (pk: string, n: number): Failure =>
  new Failure(
    "corrupt",
    `the journal ${pk} is damaged at record ${n}; restore the table, and treat its keys as suspect`,
  );

const farName = (tenant: string, sha256: string): string => `tbs/${tenant}/${sha256}`;

/** @returns its name when the TBS went to the bucket: there before the record that speaks of it */
async function putFar(bucket: SignerBucket, tenant: string, { tbs }: Entry): Promise<string | undefined> {
  if (tbs === undefined || tbs.length * 0.75 <= maxItemBytes - maxRestBytes) return undefined;
  const bytes = fromBase64(tbs);
  const far = sha256Hex(bytes);
  await bucket.put(farName(tenant, far), bytes);
  return far;
}
