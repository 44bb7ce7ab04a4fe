import * as z from "zod";

/** Set by the supervisor. */
export const signerConfig = z.object({
  TRSTCTL_SIGNER_DIR: z.string().min(1).meta({ description: "key store and journal; nobody else's" }),
  TRSTCTL_SIGNER_SOCKET: z.string().min(1).max(100).meta({ description: "Unix socket to listen on" }),
  TRSTCTL_KEK_FILE: z.string().min(1).meta({ description: "key encryption key" }),
});
