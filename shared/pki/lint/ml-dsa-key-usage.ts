import { mlDsa } from "#shared/kernel/key-algorithm";
import { signatureOnlyUsage } from "./signature-only-usage.ts";

/** A key of ML-DSA signs and does nothing else. */
export const mlDsaKeyUsage = signatureOnlyUsage("ml-dsa-key-usage", "RFC 9881 5", mlDsa);
