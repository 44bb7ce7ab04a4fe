/** IP addresses as text and octets; text is canonical: dotted quads, RFC 5952 for IPv6. */

function ipv4(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const parts = match?.slice(1) ?? [];
  const octets = parts.map(Number);
  // A leading zero is octal to some readers: refuse it.
  const valid = parts.length === 4 && octets.every((octet, i) => octet <= 255 && String(octet) === parts[i]);
  return valid ? octets : undefined;
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const out: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const quad = i === parts.length - 1 && part.includes(".") ? ipv4(part) : undefined;
    if (quad !== undefined) out.push(((quad[0] ?? 0) << 8) | (quad[1] ?? 0), ((quad[2] ?? 0) << 8) | (quad[3] ?? 0));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return out;
}

function ipv6(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  const head = groups(halves[0] ?? "");
  const tail = halves.length === 2 ? groups(halves[1] ?? "") : [];
  if (halves.length > 2 || head === undefined || tail === undefined) return undefined;
  if (halves.length === 2 && (halves[0] ?? "").includes(".")) return undefined;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  return [...head, ...new Array<number>(gap).fill(0), ...tail].flatMap((group) => [group >> 8, group & 0xff]);
}

/** 4 or 16 octets, or undefined when the text is not an address. */
export function ipBytes(text: string): Uint8Array | undefined {
  const octets = text.includes(":") ? ipv6(text) : ipv4(text);
  return octets === undefined ? undefined : Uint8Array.from(octets);
}

/** @param bytes 4 or 16 octets */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new TypeError(`ipText: expected 4 or 16 octets, got ${bytes.length}`);
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && words[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  const text = words.map((word) => word.toString(16));
  if (best.start < 0) return text.join(":");
  return `${text.slice(0, best.start).join(":")}::${text.slice(best.start + best.length).join(":")}`;
}

const mapped = /^::ffff:(?=\d+\.)/i;

/** Of whoever asks: of IPv6 the network, since who has one address has the 2^64 of its network (RFC 4291 2.5.4). */
export function clientNetwork(address: string): string {
  const octets = ipBytes(address.replace(mapped, "").replace(/%.*$/, ""));
  return octets?.length === 16 ? `${ipText(octets.fill(0, 8))}/64` : address.replace(mapped, "");
}

/** Address and mask octets of `10.0.0.0/8` (RFC 5280 4.2.1.10); host bits must be zero. */
export function cidrBytes(text: string): Uint8Array | undefined {
  const slash = text.lastIndexOf("/");
  const address = slash === -1 ? undefined : ipBytes(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > address.length * 8)
    return undefined;
  const mask = address.map((_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, Number(prefix) - 8 * i))));
  if (address.some((octet, i) => (octet & ~(mask[i] as number) & 0xff) !== 0)) return undefined;
  return Uint8Array.from([...address, ...mask]);
}

/** Reverse of `cidrBytes`; undefined when the mask has a hole or host bits are set. */
export function cidrText(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 8 && bytes.length !== 32) return undefined;
  const half = bytes.length / 2;
  let prefix = 0;
  for (const octet of bytes.subarray(half)) prefix += Math.clz32(~octet & 0xff) - 24;
  const text = `${ipText(bytes.subarray(0, half))}/${prefix}`;
  const again = cidrBytes(text);
  return again?.every((octet, i) => octet === bytes[i]) === true ? text : undefined;
}
