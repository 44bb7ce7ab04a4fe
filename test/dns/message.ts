/** DNS messages (RFC 1035 4) as a server writes them: enough for the records that validation asks for. */
export const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28, CAA: 257 } as const;
export type RecordType = keyof typeof types;

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof rcodes;

export interface Question {
  readonly id: number;
  /** Lower case, no dot at the end. */
  readonly name: string;
  readonly type: RecordType | undefined;
  /** The question as it came: its letters' case is to come back (DNS 0x20). */
  readonly raw: Buffer;
}

export interface ResourceRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: Buffer;
}

export function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at++] ?? 0; length > 0; length = message[at++] ?? 0) {
    labels.push(message.toString("latin1", at, at + length));
    at += length;
  }
  const code = message.readUInt16BE(at);
  const type = (Object.keys(types) as RecordType[]).find((name) => types[name] === code);
  return { id: message.readUInt16BE(0), name: labels.join(".").toLowerCase(), type, raw: message.subarray(12, at + 4) };
}

function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

const encodeText = (value: Buffer): Buffer => {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < value.length; at += 255) {
    const part = value.subarray(at, at + 255);
    parts.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat(parts);
};

function encodeIpv6(value: string): Buffer {
  const [head = "", tail] = value.split("::");
  const groups = (text: string | undefined): number[] =>
    (text ?? "")
      .split(":")
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** CAA as in a zone file, the value unquoted: `128 issue ca.example`. */
function encodeCaa(value: string): Buffer {
  const [, flags = "0", tag = "", rest = ""] = /^(\d+) (\S+) ?(.*)$/.exec(value) ?? [];
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag), Buffer.from(rest)]);
}

export const recordData: Readonly<Record<RecordType, (value: string) => Buffer>> = {
  A: (value) => Buffer.from(value.split(".").map(Number)),
  AAAA: encodeIpv6,
  CNAME: encodeName,
  TXT: (value) => encodeText(Buffer.from(value)),
  CAA: encodeCaa,
};

/** @param limit octets of the message; above it, it goes out truncated and without records (RFC 2181 9) */
export function writeAnswer(
  { id, raw }: Question,
  rcode: Rcode,
  records: readonly ResourceRecord[],
  limit: number,
): Buffer {
  const answers = records.map(({ name, type, data }) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(types[type], 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(1, 4);
    fixed.writeUInt16BE(data.length, 8);
    return Buffer.concat([encodeName(name), fixed, data]);
  });
  const whole = 12 + raw.length + answers.reduce((sum, { length }) => sum + length, 0);
  const truncated = whole > limit;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x8180 | (truncated ? 0x0200 : 0) | rcodes[rcode], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(truncated ? 0 : records.length, 6);
  return Buffer.concat([header, raw, ...(truncated ? [] : answers)]);
}
