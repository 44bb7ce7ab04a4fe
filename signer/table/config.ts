import * as z from "zod";
import { backendConfig } from "../config.ts";

const { TRSTCTL_CA_KEYS, TRSTCTL_KMS_KEYS } = backendConfig.shape;

/** Of the signer's function; set by the stack with the keys. */
export const tableSignerConfig = z.object({
  TRSTCTL_DEPLOYMENT: z.string().min(1).meta({ description: "name of the deployment" }),
  TRSTCTL_JOURNAL_TABLE: z.string().min(1).meta({ description: "table of journal and sealed keys; nobody else's" }),
  TRSTCTL_SIGNER_BUCKET: z.string().min(1).meta({ description: "bucket of what it remembers; nobody else's" }),
  TRSTCTL_WRAPPING_KEY_ID: z.string().min(1).meta({ description: "symmetric KMS key that wraps data keys, its ARN" }),
  TRSTCTL_SIGNER_PROCESSES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .meta({ description: "environments that may be at work at once: each gives its share of a key's ceiling" }),
  TRSTCTL_CA_KEYS,
  /** A stack without such keys says so with an empty list. */
  TRSTCTL_KMS_KEYS: z.preprocess((value) => (value === "[]" ? undefined : value), TRSTCTL_KMS_KEYS),
});
