/** Bytes that DynamoDB counts for an item (Developer Guide, "DynamoDB item sizes and formats"). */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Attributes = Readonly<Record<string, AttributeValue>>;

export const itemBytes = (item: Attributes): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return value.B.length;
  // "approximately": a byte for two significant digits, and one.
  if (value.N !== undefined) return Math.ceil(value.N.replace(/^-?0*|[.]|0+$/g, "").length / 2) + 1;
  throw new TypeError(`an attribute of a kind that no item of ours has: ${Object.keys(value).join()}`);
}

/** "1 write for an item up to 1 KB", "one strongly consistent read for an item up to 4 KB". */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
export const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));
