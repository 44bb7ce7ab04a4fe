/** RFC 5280 4.1.2.5: seconds present, no fraction, Zulu, a date that exists. */
import type { DerNode } from "./reader.ts";

function digits(node: DerNode, what: string, bytes: Uint8Array, count: number): void {
  if (bytes.length !== count + 1 || bytes[count] !== 0x5a) node.fail(`${what}: time must end in seconds and Z`);
  for (let i = 0; i < count; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) node.fail(`${what}: time is not digits`);
  }
}

const two = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) * 10 + (bytes[at + 1] as number) - 0x30 * 11;

function instant(node: DerNode, what: string, bytes: Uint8Array, year: number, at: number): number {
  const month = two(bytes, at);
  const day = two(bytes, at + 2);
  const hour = two(bytes, at + 4);
  const minute = two(bytes, at + 6);
  const second = two(bytes, at + 8);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && date.getUTCDate() === day && date.getUTCMonth() === month - 1;
  if (!exists || hour > 23 || minute > 59 || second > 59) node.fail(`${what}: no such date and time`);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Two-digit years are 1950 to 2049. */
export function readUtcTime(node: DerNode, what: string): number {
  const bytes = node.expect(0x17, what).content;
  digits(node, what, bytes, 12);
  const year = two(bytes, 0);
  return instant(node, what, bytes, year < 50 ? 2000 + year : 1900 + year, 2);
}

export function readGeneralizedTime(node: DerNode, what: string): number {
  const bytes = node.expect(0x18, what).content;
  digits(node, what, bytes, 14);
  return instant(node, what, bytes, two(bytes, 0) * 100 + two(bytes, 2), 4);
}

export type TimeEncoding = "UTCTime" | "GeneralizedTime";

/** How a Time is written. */
export const timeEncoding = (node: DerNode): TimeEncoding => (node.tag === 0x17 ? "UTCTime" : "GeneralizedTime");

const year2050 = Date.UTC(2050, 0, 1);

/** How a Time must be written (RFC 5280 4.1.2.5, 5.1.2.4). */
export const encodingOf = (ms: number): TimeEncoding => (ms < year2050 ? "UTCTime" : "GeneralizedTime");
