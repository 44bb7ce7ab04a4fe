/** One real certificate, from which a million like it are cut: same key, same signature, other serial, name and end. */
import { sha256Hex } from "#shared/crypto/hash";
import type { IssuedCertificate } from "#shared/domain/certificate/certificate";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { signedCertificate } from "#shared/usecases/signed-certificate";

/** Fixed width, so that a copy has the length of the template. */
export const nameOf = (n: number): string => `c${String(n).padStart(8, "0")}.population.example.test`;

export interface Copy {
  readonly data: IssuedCertificate;
  readonly tbs: Uint8Array;
}

const day = 86_400_000;
/** Ends are spread over so many days, so that a list by expiry has something to order. */
const spreadDays = 80;
const serialBytes = 16;

/** @param issued the event's data of a certificate for `forName`, a name that `nameOf` made */
export function certificateCopies(issued: IssuedCertificate, tbs: Uint8Array, forName: string): (n: number) => Copy {
  const bytes = Buffer.from(tbs);
  const parsed = parseTbsCertificate(tbs);
  const name = Buffer.from(forName);
  const names = placesOf(bytes, name);
  const serial = Buffer.from(parsed.serialHex, "hex");
  const [serialAt] = placesOf(bytes, serial);
  const [notAfterAt] = placesOf(bytes, Buffer.from(utcTime(parsed.notAfterMs)));
  if (names.length === 0 || serialAt === undefined || serial.length < serialBytes || notAfterAt === undefined)
    throw new Error("the template has not the shape that copies are cut from");
  const signature = signatureOf(issued, tbs);
  return (n) => {
    const copy = Buffer.from(bytes);
    for (const at of names) copy.write(nameOf(n), at, "latin1");
    // The first octets stay, so that the length and the sign of the INTEGER stay.
    copy.write(sha256Hex(`serial ${n}`).slice(0, (serial.length - 2) * 2), serialAt + 2, "hex");
    copy.write(utcTime(parsed.notAfterMs - (n % (spreadDays * 24)) * (day / 24)), notAfterAt, "latin1");
    const { facts } = signedCertificate(issued.issuer, issued.shard, { tbs: copy, signature });
    return { data: { ...issued, ...facts }, tbs: copy };
  };
}

/** Behind TBS and AlgorithmIdentifier (RFC 5280 4.1): the BIT STRING to the end, without its count of unused bits. */
function signatureOf({ der }: IssuedCertificate, tbs: Uint8Array): Uint8Array {
  const whole = fromBase64(der);
  const at = Buffer.from(whole).indexOf(tbs) + tbs.length;
  const algorithmLength = 2 + (whole[at + 1] ?? 0);
  return whole.slice(at + algorithmLength + 3);
}

function placesOf(bytes: Buffer, wanted: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) places.push(at);
  return places;
}

const utcTime = (ms: number): string =>
  `${new Date(ms)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, "")
    .slice(2)}`;
