import { isAbsolute } from "node:path";
import * as z from "zod";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { keyBackends } from "#shared/kernel/key-backend";

const path = z.string().min(1).max(4096).refine(isAbsolute, "expected an absolute path");

const poolKeys = z
  .array(z.strictObject({ keyId: z.string().min(1).max(2048), algorithm: z.enum(signerKeyAlgorithms) }))
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
  TRSTCTL_PKCS11_MODULE: path.optional().meta({ description: "library of the token's vendor" }),
  TRSTCTL_PKCS11_TOKEN: z.string().min(1).max(32).optional().meta({ description: "label of the token" }),
  TRSTCTL_PKCS11_PIN_FILE: path.optional().meta({ description: "file with the user PIN" }),
});

/** Together or not at all. */
const pkcs11Settings = ["TRSTCTL_PKCS11_MODULE", "TRSTCTL_PKCS11_TOKEN", "TRSTCTL_PKCS11_PIN_FILE"] as const;

/** For `loadConfig`. */
export function backendProblems(config: Partial<z.output<typeof backendConfig>>): readonly string[] {
  const set = pkcs11Settings.filter((name) => config[name] !== undefined);
  if (set.length === 0 || set.length === pkcs11Settings.length) return [];
  return pkcs11Settings
    .filter((name) => !set.includes(name))
    .map((name) => `${name}: is needed beside ${set.join(", ")}`);
}

/** Set by the supervisor. */
export const signerConfig = z.object({
  TRSTCTL_SIGNER_DIR: z.string().min(1).meta({ description: "key store and journal; nobody else's" }),
  TRSTCTL_SIGNER_SOCKET: z.string().min(1).max(100).meta({ description: "Unix socket to listen on" }),
  TRSTCTL_KEK_FILE: z.string().min(1).meta({ description: "key encryption key" }),
  ...backendConfig.shape,
});
