import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { Issuer } from "./issuer.ts";

/** ML-DSA of the strength of an SLH-DSA issuer, which itself signs far too slowly to answer by (FIPS 204 4, FIPS 205 11). */
const byStrength: Readonly<Record<string, SignerKeyAlgorithm>> = {
  "128": "ML-DSA-44",
  "192": "ML-DSA-65",
  "256": "ML-DSA-87",
};

/** P-256, which is quickest; but where the issuer withstands quantum computers, its answers must too. */
export function defaultResponderKeyAlgorithm(issuer: SignerKeyAlgorithm): SignerKeyAlgorithm {
  if (issuer.startsWith("ML-DSA-")) return issuer;
  return byStrength[/^SLH-DSA-.*-(\d+)[sf]$/.exec(issuer)?.[1] ?? ""] ?? "P-256";
}

/** What the next responder key of an issuer will be. */
export const responderKeyAlgorithm = (issuer: Issuer): SignerKeyAlgorithm => issuer.responder_key_algorithm ?? "P-256";
