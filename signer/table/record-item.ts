/**
 * A record of a tenant's journal as an item: `T#<tenant>#J`, `R#<n>`. Its hash is that of the local journal (`linkHash` over
 * the JSON text with TBS and signature in base64); stored are their bytes, which takes a quarter less.
 */
import { base64, concat, fromBase64, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SharedItem } from "#shared/ports/items";
import { linkHash } from "../journal.ts";
import { type Entry, readLine } from "../journal-entry.ts";

/** Refusals of names that are no key's stand in a journal of their own: this is no tenant's id. */
export const nobody = "-";

export const journalPartition = (tenant: string): string => `T#${tenant}#J`;

const digits = 12;
/** Also a name between the records: that of 0 is before all of them. */
export const recordKey = (n: number): string => `R#${String(n).padStart(digits, "0")}`;
export const numberOf = (sk: string): number => Number(sk.slice(2));

export interface TableRecord {
  readonly n: number;
  readonly hash: string;
  readonly entry: Entry;
}

/** What a record's item says: the parts of its JSON text, and where the bytes are. */
interface Head {
  readonly hash: string;
  readonly tbs?: number;
  readonly signature?: number;
  /** SHA-256 of a TBS that is too large for an item: its name in the bucket. */
  readonly far?: string;
}

/** Fields in the order in which they are hashed. */
const ordered = ({ tbs, signature, ...rest }: Entry): Entry => ({
  ...rest,
  ...(tbs !== undefined && { tbs }),
  ...(signature !== undefined && { signature }),
});

export const hashOf = (previous: string, entry: Entry): string => linkHash(previous, JSON.stringify(ordered(entry)));

/** @param far the name under which the TBS lies in the bucket, when it does */
export function recordItem(pk: string, { n, hash, entry }: TableRecord, far?: string): SharedItem {
  const { tbs, signature, ...rest } = entry;
  const parts = { tbs: far === undefined ? tbs : undefined, signature };
  const bytes = Object.entries(parts).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, fromBase64(text)] as const],
  );
  const head: Head = {
    hash,
    ...Object.fromEntries(bytes.map(([name, { length }]) => [name, length])),
    ...(far !== undefined && { far }),
  };
  const text = utf8(`${JSON.stringify(head)}\n${JSON.stringify(rest)}\n`);
  return { pk, sk: recordKey(n), rev: 1, body: concat(text, ...bytes.map(([, part]) => part)) };
}

const headOf = (body: Uint8Array): { readonly head: Head; readonly end: number } => {
  const end = body.indexOf(0x0a);
  return { head: JSON.parse(utf8Text(body.subarray(0, Math.max(end, 0)))) as Head, end };
};

const damaged = ({ pk, sk }: SharedItem, cause?: unknown): Failure =>
  new Failure(
    "corrupt",
    `record ${numberOf(sk)} of the journal ${pk} is not what was written; restore the table, and treat its keys as suspect`,
    { cause },
  );

/** @returns SHA-256 of the TBS when that lies in the bucket @throws Failure `corrupt` */
export function farOf(item: SharedItem): string | undefined {
  try {
    return headOf(item.body).head.far;
  } catch (cause) {
    throw damaged(item, cause);
  }
}

/** @param far what the bucket has, where it should @throws Failure `corrupt` */
export function recordOf(item: SharedItem, far?: Uint8Array): TableRecord {
  const { sk, body } = item;
  try {
    const { head, end } = headOf(body);
    const restEnd = body.indexOf(0x0a, end + 1);
    const rest = readLine(utf8Text(body.subarray(end + 1, restEnd)));
    const part = (start: number, length: number | undefined): Uint8Array | undefined =>
      length === undefined ? undefined : body.subarray(start, start + length);
    const tbs = head.far === undefined ? part(restEnd + 1, head.tbs) : far;
    const signature = part(restEnd + 1 + (head.tbs ?? 0), head.signature);
    const entry = {
      ...rest,
      ...(tbs !== undefined && { tbs: base64(tbs) }),
      ...(signature !== undefined && { signature: base64(signature) }),
    };
    return { n: numberOf(sk), hash: head.hash, entry };
  } catch (cause) {
    throw damaged(item, cause);
  }
}
