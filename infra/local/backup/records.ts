/**
 * What a backup holds, as a stream of records: manifest, items, names, files, end. On the wire a record is its length (4
 * bytes, big-endian, without itself and the kind), its kind (1 byte) and its payload: JSON, but for the bytes of files.
 */
import * as z from "zod";
import { concat, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

export const manifest = z.object({
  backup: z.uuid(),
  installation: z.uuid(),
  /** Of the data directory. */
  data_format: z.string(),
  /** Version of trstctl that made it. */
  made_by: z.string(),
  /** The moment whose state it holds. */
  taken_at: z.iso.datetime(),
});
export type Manifest = z.output<typeof manifest>;

/** pk, sk, revision, body, view's pk and sk, expiry in milliseconds */
const itemRow = z.tuple([
  z.string(),
  z.string(),
  z.number(),
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.number().nullable(),
]);
export type ItemRow = z.output<typeof itemRow>;

/** kind, value, tenant, id, moment of the reservation in milliseconds */
const nameRow = z.tuple([z.string(), z.string(), z.string(), z.string(), z.number()]);
export type NameRow = z.output<typeof nameRow>;

const file = z.object({ path: z.string() });
const end = z.object({ items: z.number(), names: z.number(), files: z.number(), bytes: z.number() });
export type Totals = z.output<typeof end>;

const schemas = { manifest, item: itemRow, name: nameRow, file, end } as const;
const kinds = ["manifest", "item", "name", "file", "bytes", "end"] as const;

export type BackupRecord =
  | { readonly kind: "manifest"; readonly value: Manifest }
  | { readonly kind: "item"; readonly value: ItemRow }
  | { readonly kind: "name"; readonly value: NameRow }
  /** Its bytes follow, in as many records as they take. */
  | { readonly kind: "file"; readonly value: { readonly path: string } }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "end"; readonly value: Totals };

const headBytes = 5;
/** An item has at most 350 KB, which JSON may write with six bytes for one. */
const maxPayload = 4 * 1024 * 1024;

export function encodeRecord({ kind, value }: BackupRecord): Uint8Array {
  const payload = kind === "bytes" ? value : utf8(JSON.stringify(value));
  const head = new Uint8Array(headBytes);
  new DataView(head.buffer).setUint32(0, payload.length);
  head[4] = kinds.indexOf(kind);
  return concat(head, payload);
}

/** @param parts the stream, cut anywhere @throws Failure `corrupt` for what no release wrote like that */
export function* decodeRecords(parts: Iterable<Uint8Array>): Generator<BackupRecord> {
  let rest: Uint8Array = new Uint8Array(0);
  for (const part of parts) {
    const bytes = concat(rest, part);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
      if (length > maxPayload) throw unreadable("a record is too long");
      if (bytes.length - at < headBytes + length) break;
      const payload = bytes.slice(at + headBytes, at + headBytes + length);
      yield decode(kinds[bytes[at + 4] ?? kinds.length], payload);
      at += headBytes + length;
    }
    rest = bytes.slice(at);
  }
  if (rest.length > 0) throw unreadable("it ends within a record");
}

function decode(kind: (typeof kinds)[number] | undefined, payload: Uint8Array): BackupRecord {
  if (kind === undefined) throw unreadable("a record is of a kind that this release does not know");
  if (kind === "bytes") return { kind, value: payload };
  try {
    return { kind, value: schemas[kind].parse(JSON.parse(utf8Text(payload))) } as BackupRecord;
  } catch (cause) {
    throw unreadable(`a record of kind ${kind} cannot be read`, cause);
  }
}

const unreadable = (what: string, cause?: unknown): Failure =>
  new Failure("corrupt", `${what}: restore it with the release that made it`, { cause });
