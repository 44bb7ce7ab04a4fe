import { slhDsa } from "#shared/kernel/key-algorithm";
import { signatureOnlyUsage } from "./signature-only-usage.ts";

/** A key of SLH-DSA signs and does nothing else. */
export const slhDsaKeyUsage = signatureOnlyUsage("slh-dsa-key-usage", "RFC 9909 6", slhDsa);
