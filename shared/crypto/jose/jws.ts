/** JSON Web Signature (RFC 7515) in its flattened JSON form, as ACME sends it (RFC 8555 6.2). */
import { createHmac } from "node:crypto";
import { base64url, fromBase64url, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { assertShallow, jsonProblem } from "#shared/kernel/json";
import { constantTimeEqual } from "../equal.ts";
import { macAlgorithms } from "./algorithms.ts";

export interface Jws {
  /** The protected header; nothing else is read, and an unprotected one is refused (RFC 8555 6.2). */
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** What is signed (RFC 7515 5.1). */
  readonly signingInput: Uint8Array;
}

const members = ["protected", "payload", "signature"] as const;

const malformed = (detail: string): never => {
  throw new Failure("malformed", detail);
};

/**
 * @param value what JSON said: exactly `protected`, `payload` and `signature`, each base64url without padding
 * @throws Failure `malformed`. The signature is not yet checked.
 */
export function parseJws(value: unknown): Jws {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return malformed("a JWS in flattened JSON form is expected (RFC 7515 7.2.2)");
  const extra = Object.keys(value).find((name) => !members.some((member) => member === name));
  if (extra !== undefined)
    return malformed(
      `the JWS has a member ${JSON.stringify(extra.slice(0, 40))}; only ${members.join(", ")} are served (RFC 8555 6.2)`,
    );
  const [protectedText, payloadText, signatureText] = members.map((member) => {
    const text: unknown = Object.hasOwn(value, member) ? (value as Record<string, unknown>)[member] : undefined;
    return typeof text === "string" ? text : malformed(`the JWS has no ${member}`);
  }) as [string, string, string];
  const header = parseHeader(octets(protectedText, "protected"));
  // No extension is served, so none may be critical (RFC 7515 4.1.11); `b64` is one.
  if ("crit" in header || "b64" in header)
    return malformed("the protected header has crit or b64; no extension of JWS is served");
  return {
    header,
    payload: octets(payloadText, "payload"),
    signature: octets(signatureText, "signature"),
    signingInput: utf8(`${protectedText}.${payloadText}`),
  };
}

function octets(text: string, what: string): Uint8Array {
  const bytes = fromBase64url(text);
  return base64url(bytes) === text ? bytes : malformed(`${what} is not base64url without padding (RFC 7515 2)`);
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const header = parseJson(bytes, "the protected header");
  return typeof header === "object" && header !== null && !Array.isArray(header)
    ? (header as Readonly<Record<string, unknown>>)
    : malformed("the protected header is no JSON object");
}

/** @throws Failure `malformed` naming `what`, without quoting it */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(utf8Text(bytes));
  } catch (error) {
    return malformed(`${what} is no JSON: ${jsonProblem(error)}`);
  }
  assertShallow(value, what);
  return value;
}

/** A MAC over a JWS (RFC 7518 3.2), in constant time. @returns false also for an algorithm that is no MAC */
export function verifyMac(jws: Jws, algorithm: string, key: Uint8Array): boolean {
  const hash = Object.hasOwn(macAlgorithms, algorithm) ? macAlgorithms[algorithm] : undefined;
  return (
    hash !== undefined && constantTimeEqual(jws.signature, createHmac(hash, key).update(jws.signingInput).digest())
  );
}
