/**
 * The entry of an event in its tenant's tree: its place in its lane and its chain hash, which covers tenant, lane, sequence,
 * the event before it and its own bytes. It holds no content, so it may be shown where the event may not, and stays when
 * retention removes the event.
 */
import { utf8, utf8Text } from "#shared/kernel/bytes";

export interface Entry {
  readonly lane: number;
  readonly seq: number;
  /** Chain hash, lower-case hex. */
  readonly hash: string;
}

const domain = "trstctl/entry/1";

export const encodeTreeEntry = ({ lane, seq, hash }: Entry): Uint8Array =>
  utf8(`${domain}\n${lane}\n${seq}\n${hash}\n`);

const hasAsciiOnly = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

/** @returns undefined for what is no entry of this form */
export function decodeTreeEntry(bytes: Uint8Array): Entry | undefined {
  const match = /^trstctl\/entry\/1\n(0|[1-9]\d{0,5})\n([1-9]\d{0,11})\n([0-9a-f]{64})\n$/.exec(
    hasAsciiOnly(bytes) ? utf8Text(bytes) : "",
  );
  return match === null ? undefined : { lane: Number(match[1]), seq: Number(match[2]), hash: match[3] ?? "" };
}
