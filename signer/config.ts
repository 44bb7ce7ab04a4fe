import * as z from "zod";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { keyBackends } from "#shared/kernel/key-backend";

const poolKeys = z
  .array(z.strictObject({ keyId: z.string().min(1).max(2048), algorithm: z.enum(signerKeyAlgorithms) }))
  .min(1)
  .max(1000)
  .refine((keys) => new Set(keys.map(({ keyId }) => keyId)).size === keys.length, "a key is named twice");

/** What holds keys beside the sealed store; on AWS and on one machine alike. */
export const backendConfig = z.object({
  TRSTCTL_CA_KEYS: z.enum(keyBackends).default("sealed").meta({ description: "what holds CA keys by default" }),
  TRSTCTL_KMS_KEYS: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: 'expected JSON: [{"keyId": "…", "algorithm": "P-384"}]' });
        return z.NEVER;
      }
    })
    .pipe(poolKeys)
    .optional()
    .meta({ description: "JSON list of keyId and algorithm: keys in AWS KMS that CA keys are taken from" }),
});

/** Set by the supervisor. */
export const signerConfig = z.object({
  TRSTCTL_SIGNER_DIR: z.string().min(1).meta({ description: "key store and journal; nobody else's" }),
  TRSTCTL_SIGNER_SOCKET: z.string().min(1).max(100).meta({ description: "Unix socket to listen on" }),
  TRSTCTL_KEK_FILE: z.string().min(1).meta({ description: "key encryption key" }),
  ...backendConfig.shape,
});
