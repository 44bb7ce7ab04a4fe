/**
 * A planted secret in every form in which it may come to light, and the search for any piece of it: 16 bytes of the
 * secret anywhere in a text, in any of the forms, are a leak.
 */

export interface Planted {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Names of places where it may be: the answer that shows it once, the file that keeps it. */
  readonly allowed?: readonly string[];
}

export interface Leak {
  readonly secret: string;
  readonly form: string;
  /** Byte of the haystack. */
  readonly at: number;
}

/** So many bytes of a secret are recognised; a shorter secret only as a whole. */
const window = 16;

interface Needle {
  readonly bytes: Buffer;
  readonly secret: string;
  readonly form: string;
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** Base64 text of the bytes at each of the three places that they can have in a longer encoding, without its ends. */
function* base64Texts(bytes: Buffer, encoding: "base64" | "base64url"): Generator<string> {
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString(encoding);
    const from = before === 0 ? 0 : before + 1;
    yield text.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  }
}

/** Form → the texts in it, and how long a piece of that text stands for `window` bytes. */
function* formsOf(bytes: Buffer): Generator<{ readonly form: string; readonly text: Buffer; readonly piece: number }> {
  const texts = { "": bytes, "reversed ": Buffer.from(bytes.toReversed()) };
  for (const [order, ordered] of Object.entries(texts)) {
    yield { form: `${order}raw`, text: ordered, piece: window };
    yield { form: `${order}hex`, text: latin1(ordered.toString("hex")), piece: 2 * window };
    yield { form: `${order}HEX`, text: latin1(ordered.toString("hex").toUpperCase()), piece: 2 * window };
    for (const encoding of ["base64", "base64url"] as const)
      for (const text of base64Texts(ordered, encoding))
        yield { form: order + encoding, text: latin1(text), piece: 20 }; // 15 bytes, wherever they begin
  }
  const utf8 = bytes.toString("utf8");
  if (utf8.includes("\ufffd")) return;
  const escaped = JSON.stringify(utf8).slice(1, -1);
  yield { form: "JSON", text: Buffer.from(escaped), piece: window };
  yield { form: "JSON in JSON", text: Buffer.from(JSON.stringify(escaped).slice(1, -1)), piece: window };
  yield { form: "percent-encoded", text: latin1(encodeURIComponent(utf8)), piece: window };
  yield { form: "UTF-16", text: Buffer.from(utf8, "utf16le"), piece: 2 * window };
}

const needlesOf = ({ name, bytes }: Planted): Needle[] =>
  [...formsOf(Buffer.from(bytes))].flatMap(({ form, text, piece }) => {
    const length = Math.min(piece, text.length);
    return Array.from({ length: text.length - length + 1 }, (_, at) => ({
      bytes: text.subarray(at, at + length),
      secret: name,
      form,
    }));
  });

export interface Search {
  /** The first leak of each secret. */
  leaksIn(haystack: Uint8Array): Leak[];
}

/** @throws TypeError for a secret of less than 8 bytes: it would be found by chance */
export function searchFor(planted: readonly Planted[]): Search {
  const byStart = new Map<number, Needle[]>();
  const starts = new Uint8Array(1 << 16);
  const seen = new Set<string>();
  for (const secret of planted) {
    if (secret.bytes.length < 8) throw new TypeError(`${secret.name}: too short to be recognised`);
    for (const needle of needlesOf(secret)) {
      const identity = `${needle.secret}\n${needle.bytes.toString("latin1")}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      const start = needle.bytes.readUInt32LE(0);
      byStart.set(start, [...(byStart.get(start) ?? []), needle]);
      starts[start & 0xffff] = 1;
    }
  }
  return {
    leaksIn(given) {
      const haystack = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      const found = new Map<string, Leak>();
      for (let at = 0; at + 4 <= haystack.length; at++) {
        if (starts[(haystack[at] as number) | ((haystack[at + 1] as number) << 8)] === 0) continue;
        for (const { bytes, secret, form } of byStart.get(haystack.readUInt32LE(at)) ?? [])
          if (!found.has(secret) && haystack.subarray(at, at + bytes.length).equals(bytes))
            found.set(secret, { secret, form, at });
      }
      return [...found.values()];
    },
  };
}
