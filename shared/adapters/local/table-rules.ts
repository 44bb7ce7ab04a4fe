/** What every Table adapter refuses before it touches its database, and how it reads a query's bounds. */
import { isTenantId } from "#shared/kernel/ids";
import {
  type Item,
  type Key,
  maxBodyBytes,
  maxTransactionBytes,
  maxWrites,
  type Query,
  type Write,
} from "#shared/ports/table";

const maxPartitionBytes = 2048;
const maxSortBytes = 1024;
const attributeBytes = 64;

/** Every partition of a tenant starts with this (I1). @throws TypeError for an id that is not a tenant id. */
export function tenantPrefix(tenant: string): string {
  if (!isTenantId(tenant))
    throw new TypeError(`table: tenant must match [a-z0-9][a-z0-9-]{0,62}, got ${quoted(tenant)}`);
  return `T#${tenant}#`;
}

/** @returns its size in bytes. @throws TypeError for a key of another tenant, or one that not every adapter can hold. */
export function checkKey(prefix: string, key: Key): number {
  checkPartition(prefix, key.pk);
  const pk = checkText("pk", key.pk, maxPartitionBytes);
  return pk + checkText("sk", key.sk, maxSortBytes);
}

/** @throws TypeError for writes that no adapter may accept. */
export function checkWrites(prefix: string, writes: readonly Write[]): void {
  if (writes.length < 1 || writes.length > maxWrites) {
    throw new TypeError(`transact: 1 to ${maxWrites} writes, got ${writes.length}`);
  }
  const seen = new Set<string>();
  let total = 0;
  for (const write of writes) {
    const key = "put" in write ? write.put : "delete" in write ? write.delete : write.check;
    total += checkKey(prefix, key) + attributeBytes;
    seen.add(`${key.pk.length}:${key.pk}${key.sk}`);
    checkCondition(write);
    if ("put" in write) total += checkItem(prefix, write.put);
  }
  if (seen.size !== writes.length) throw new TypeError("transact: no key may come twice");
  if (total > maxTransactionBytes) {
    throw new TypeError(`transact: at most ${maxTransactionBytes} bytes in one transaction, got ${total}`);
  }
}

/** One end of a range of sort keys. */
export interface Bound {
  readonly text: string;
  readonly inclusive: boolean;
}

export interface SortRange {
  readonly lower?: Bound;
  readonly upper?: Bound;
}

/**
 * The bounds of a query with its cursor folded in; absent when nothing can lie between them.
 * @throws TypeError for a foreign partition, a limit out of range, or a view read that asks to be consistent.
 */
export function sortRange(prefix: string, query: Query): SortRange | undefined {
  checkPartition(prefix, query.pk);
  checkText("pk", query.pk, maxPartitionBytes);
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > 1000) {
    throw new TypeError(`query: limit must be 1 to 1000, got ${query.limit}`);
  }
  if (query.view === true && query.consistent === true)
    throw new TypeError("query: a view cannot be read consistently");
  if (query.to === "") return undefined;
  let lower = bound("from", query.from);
  let upper = bound("to", query.to);
  const after = bound("after", query.after);
  if (after !== undefined) {
    const cursor = { text: after.text, inclusive: false };
    if (query.descending === true)
      upper = upper === undefined || compareText(cursor.text, upper.text) <= 0 ? cursor : upper;
    else lower = lower === undefined || compareText(cursor.text, lower.text) >= 0 ? cursor : lower;
  }
  if (lower !== undefined && upper !== undefined && compareText(lower.text, upper.text) > 0) return undefined;
  return { ...(lower && { lower }), ...(upper && { upper }) };
}

/** Order of sort keys: by UTF-8 bytes, which is not JavaScript's order beyond the basic plane. */
const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function bound(name: string, text: string | undefined): Bound | undefined {
  if (text === undefined || text === "") return undefined;
  checkText(name, text, maxSortBytes);
  return { text, inclusive: true };
}

function checkPartition(prefix: string, pk: string): void {
  if (!pk.startsWith(prefix) || pk.length === prefix.length) {
    throw new TypeError(`table: pk must start with ${quoted(prefix)} and name something below it, got ${quoted(pk)}`);
  }
}

/** Lone surrogates would come back as U+FFFD: two keys could become one, a body could change. */
function checkText(name: string, text: string, max: number, min = 1): number {
  const bytes = Buffer.byteLength(text);
  if (bytes < min || bytes > max) throw new TypeError(`table: ${name} must have ${min} to ${max} bytes, got ${bytes}`);
  if (!text.isWellFormed()) throw new TypeError(`table: ${name} must be well-formed Unicode`);
  return bytes;
}

function checkItem(prefix: string, item: Item): number {
  checkRevision("put.rev", item.rev);
  let bytes = checkText("body", item.body, maxBodyBytes, 0);
  if (item.view !== undefined) bytes += checkKey(prefix, item.view);
  if (item.expiresAt !== undefined && !(Number.isSafeInteger(item.expiresAt) && item.expiresAt > 0)) {
    throw new TypeError(`table: expiresAt must be whole milliseconds above 0, got ${item.expiresAt}`);
  }
  return bytes;
}

/** A put on a revision must bring a higher one: with any other a revision could be reached twice. */
function checkCondition(write: Write): void {
  if (write.if === undefined || write.if === "absent") return;
  checkRevision("if.rev", write.if.rev);
  if ("put" in write && write.put.rev <= write.if.rev) {
    throw new TypeError(`table: a put on revision ${write.if.rev} must bring a higher one, got ${write.put.rev}`);
  }
}

function checkRevision(name: string, rev: number): void {
  if (!Number.isSafeInteger(rev) || rev < 1)
    throw new TypeError(`table: ${name} must be a whole number from 1, got ${rev}`);
}

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
