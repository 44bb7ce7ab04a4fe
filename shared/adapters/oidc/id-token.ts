/** What the library that exchanges the code leaves to others of an ID token (Core 1.0 3.1.3.6-7): signature, age, `at_hash`. */
import { type JWTPayload, jwtVerify, type JWTVerifyResult } from "jose";
import { digest } from "#shared/crypto/digest";
import { constantTimeEqual } from "#shared/crypto/equal";
import { base64url, utf8 } from "#shared/kernel/bytes";
import type { Clock } from "#shared/ports/clock";
import type { Described, Published } from "./published.ts";

/** Between our clock and the provider's, seconds. */
export const toleranceSeconds = 60;
const idToken: TokenKind = {
  name: "ID token",
  maxLength: 65_536, // it has one to five thousand octets; with a hundred groups, ten
  maxAgeSeconds: 600, // from the token endpoint it comes at once
  requiredClaims: ["sub", "exp", "iat"],
};

const hashes: Readonly<Record<string, "sha256" | "sha384" | "sha512">> = {
  RS256: "sha256",
  PS256: "sha256",
  ES256: "sha256",
  ES384: "sha384",
  EdDSA: "sha512", // of Ed25519, as RFC 8032 signs
  Ed25519: "sha512",
};

export interface IdTokenCheck extends Pick<Described, "issuer" | "algorithms"> {
  readonly clientId: string;
  readonly keys: Published["key"];
  readonly clock: Clock;
}

export interface TokenKind {
  readonly name: string;
  readonly maxLength: number;
  /** Since `iat`, seconds. */
  readonly maxAgeSeconds: number;
  readonly requiredClaims: readonly string[];
}

/** What is asked of every token of a provider: signature, issuer, audience, age. @throws Error that says what is wrong */
export async function verifiedToken(token: string, kind: TokenKind, check: IdTokenCheck): Promise<JWTVerifyResult> {
  const { name, maxLength, maxAgeSeconds, requiredClaims } = kind;
  if (token.length > maxLength) throw new Error(`the ${name} is too long`);
  const { issuer, algorithms, clientId, keys, clock } = check;
  return jwtVerify(token, keys, {
    algorithms: [...algorithms],
    issuer,
    audience: clientId,
    clockTolerance: toleranceSeconds,
    maxTokenAge: maxAgeSeconds,
    requiredClaims: [...requiredClaims],
    currentDate: new Date(clock.now()),
  });
}

/** @throws Error that says what is wrong: of the JOSE library, or a TypeError-free plain one of ours */
export async function verifiedIdToken(token: string, accessToken: string, check: IdTokenCheck): Promise<JWTPayload> {
  const { payload, protectedHeader } = await verifiedToken(token, idToken, check);
  if (payload["azp"] !== undefined && payload["azp"] !== check.clientId) throw new Error("azp names another client");
  const { at_hash } = payload;
  if (at_hash !== undefined && !isHashOf(at_hash, accessToken, hashes[protectedHeader.alg]))
    throw new Error("at_hash belongs to another access token");
  return payload;
}

/** The left half of the hash that goes with the signature's algorithm. */
function isHashOf(given: unknown, accessToken: string, hash: "sha256" | "sha384" | "sha512" | undefined): boolean {
  if (typeof given !== "string" || hash === undefined) return false;
  const whole = digest(hash, utf8(accessToken));
  return constantTimeEqual(utf8(given), utf8(base64url(whole.slice(0, whole.length / 2))));
}
