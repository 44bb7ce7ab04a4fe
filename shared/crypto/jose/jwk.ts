/** Public keys as JSON (RFC 7517, RFC 7518 6, RFC 8037 2, RFC 9964 3), by an allow-list of types and members. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { base64url, fromBase64url } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { sha256 } from "../hash.ts";
import { signatureAlgorithm } from "./algorithms.ts";

/** Members that make the key, in the order of RFC 7638 3.2 (RFC 9964 6 for `AKP`). `named`: chosen from a list, the rest are bytes. */
const types = {
  EC: { members: ["crv", "kty", "x", "y"], named: { crv: ["P-256", "P-384", "P-521"] } },
  OKP: { members: ["crv", "kty", "x"], named: { crv: ["Ed25519"] } },
  RSA: { members: ["e", "kty", "n"], named: {} },
  AKP: { members: ["alg", "kty", "pub"], named: { alg: ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] } },
} as const;

export type KeyType = keyof typeof types;

/** The members that make a public key and no others, in the order that RFC 7638 hashes them in. */
export type PublicJwk = Readonly<Record<string, string>> & { readonly kty: KeyType };

export interface JwkKey {
  readonly jwk: PublicJwk;
  /** RFC 7638, SHA-256, base64url: equal for equal keys, whatever else stood in the JWK. */
  readonly thumbprint: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** @returns false for a wrong signature, and for an algorithm that is not this key's */
  verify(algorithm: string, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

const secret: ReadonlySet<string> = new Set(["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]);
const field = "jwk";
const maxMember = 4096;

const refuse = (detail: string, cause?: unknown): never => {
  throw new Failure("invalid_field", `jwk: ${detail}`, { field, cause });
};

/**
 * @param value what JSON said
 * @throws Failure `invalid_field` (`jwk`) for a type that is not served, a member that is missing, or a private key
 */
export function parseJwk(value: unknown): PublicJwk {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("a JSON object is expected");
  const given = value as Readonly<Record<string, unknown>>;
  const leaked = Object.keys(given).find((name) => secret.has(name));
  if (leaked !== undefined) return refuse(`member ${leaked} belongs to a private key; send the public one alone`);
  const kty = Object.hasOwn(given, "kty") ? given["kty"] : undefined;
  if (typeof kty !== "string" || !Object.hasOwn(types, kty))
    return refuse(`kty ${JSON.stringify(kty)?.slice(0, 40)} is not served; ${Object.keys(types).join(", ")} are`);
  const { members, named } = types[kty as KeyType];
  const out: Record<string, string> = {};
  for (const member of members) {
    const text = Object.hasOwn(given, member) ? given[member] : undefined;
    if (typeof text !== "string" || text.length > maxMember)
      return refuse(`member ${member} is missing or is no text of at most ${maxMember} characters`);
    const list = (named as Readonly<Record<string, readonly string[]>>)[member];
    if (list !== undefined && !list.includes(text))
      return refuse(`${member} ${JSON.stringify(text.slice(0, 40))} is not served; ${list.join(", ")} are`);
    // One spelling for one key: the thumbprint is over the text (RFC 7638 3.1).
    if (list === undefined && member !== "kty" && base64url(fromBase64url(text)) !== text)
      return refuse(`member ${member} is not base64url without padding`);
    if (list === undefined && member !== "kty" && (kty === "RSA" ? fromBase64url(text)[0] === 0 : text === ""))
      return refuse(`member ${member} has a leading zero octet or is empty (RFC 7518 6.3.1)`);
    out[member] = text;
  }
  return out as PublicJwk;
}

const asText = (jwk: PublicJwk): string =>
  JSON.stringify(Object.fromEntries(types[jwk.kty].members.map((member) => [member, jwk[member]])));

/**
 * @param jwk from `parseJwk`
 * @throws Failure `invalid_field` (`jwk`) for a point off its curve and the like
 */
export function importJwk(jwk: PublicJwk): JwkKey {
  const text = asText(jwk);
  const key = keyObject(jwk);
  return {
    jwk,
    thumbprint: base64url(sha256(text)),
    spki: new Uint8Array(key.export({ format: "der", type: "spki" })),
    verify: (algorithm, data, signature) => verifyWith(key, jwk, { algorithm, data, signature }),
  };
}

function keyObject(jwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ format: "jwk", key: { ...jwk } });
  } catch (cause) {
    return refuse(`the members are no ${jwk.kty} public key`, cause);
  }
}

interface Signed {
  readonly algorithm: string;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** On the thread pool, off the event loop. */
function verifyWith(key: KeyObject, jwk: PublicJwk, { algorithm, data, signature }: Signed): Promise<boolean> {
  const row = signatureAlgorithm(algorithm);
  const fits =
    row !== undefined && row.kty === jwk.kty && (row.of === undefined || row.of === (jwk["crv"] ?? jwk["alg"]));
  if (!fits) return Promise.resolve(false);
  const encoded = row.kty === "EC" ? ecdsaDer(signature, jwk["x"] ?? "") : signature;
  if (encoded === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(row.hash, data, key, encoded, (error, valid) => resolve(error === null && valid));
  });
}

/**
 * ECDSA in JWS is r ‖ s, each as wide as a coordinate (RFC 7518 3.4); OpenSSL's own form is a DER SEQUENCE. Node converts
 * too (`dsaEncoding`), but finds out in exceptions what it was given when the key comes in an object: 90 µs instead of 10
 * on the event loop.
 * @returns undefined for another width
 */
function ecdsaDer(signature: Uint8Array, coordinate: string): Uint8Array | undefined {
  const width = fromBase64url(coordinate).length;
  if (signature.length !== 2 * width) return undefined;
  const content = [...derInteger(signature.subarray(0, width)), ...derInteger(signature.subarray(width))];
  return Uint8Array.from([0x30, ...(content.length < 128 ? [] : [0x81]), content.length, ...content]);
}

function derInteger(magnitude: Uint8Array): number[] {
  const first = magnitude.findIndex((octet) => octet !== 0);
  const digits = first < 0 ? [0] : [...magnitude.subarray(first)];
  const positive = (digits[0] ?? 0) < 0x80 ? digits : [0, ...digits];
  return [0x02, positive.length, ...positive];
}
