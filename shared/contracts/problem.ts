import * as z from "zod";

/** RFC 9457 problem details; `code` is the closed code of the failure, `field` the offending field. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  field: z.string().optional(),
  trace_id: z.string().optional(),
});
