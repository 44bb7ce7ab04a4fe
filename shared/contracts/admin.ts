/** What the CLI sends to a deployment's admin function, by invoking it, and what comes back. Nothing else reaches it. */
import * as z from "zod";

export const adminRequest = z.strictObject({
  method: z.enum(["GET", "POST"]),
  path: z.string().regex(/^\/admin\/[a-z-]{1,40}$/, "expected a path below /admin/"),
  /** One JSON object. */
  body: z.record(z.string(), z.unknown()).optional(),
});

export const adminAnswer = z.strictObject({
  status: z.int().min(100).max(599),
  /** JSON; problem details (RFC 9457) when it was refused. */
  body: z.string(),
});

export type AdminAnswer = z.output<typeof adminAnswer>;
