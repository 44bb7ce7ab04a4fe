import * as z from "zod";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";

/** Of a browser. Bearer tokens have none: they are in `access.tokens`. */
export const session = z.object({
  id: id.meta({ description: "stays the same when the person shows again who they are; no secret" }),
  subject: z.string(),
  name: z.string().nullable().meta({ description: "from the identity provider" }),
  method: z.enum(["local", "oidc"]).meta({ description: "local: by a link of the host" }),
  provider: z.string().nullable(),
  opened_at: timestamp,
  authenticated_at: timestamp.meta({ description: "when the person last showed who they are" }),
  last_seen_at: timestamp.meta({ description: "written at most once a minute" }),
  ends_at: timestamp.meta({ description: "when it ends if it is not used before" }),
  current: z.boolean().meta({ description: "the session of this very request" }),
});

const subject = z.string().min(1).max(200);

export const sessionOperations = {
  list: operation({
    id: "sessions.list",
    method: "GET",
    path: "/sessions",
    permission: "access:read",
    summary: "List the sessions of browsers, the newest first",
    query: z.strictObject({ ...paging, subject: subject.optional() }),
    status: 200,
    response: pageOf(session),
  }),
  end: operation({
    id: "sessions.end",
    method: "DELETE",
    path: "/sessions/{id}",
    permission: "access:write",
    summary: "End a session",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 204,
    destructive: true,
    stepUp: false,
  }),
  endAll: operation({
    id: "sessions.end-all",
    method: "POST",
    path: "/session-ends",
    permission: "access:write",
    summary: "End every session of a subject, and any that is being opened",
    example: { body: { subject: "alex" } },
    body: z.strictObject({ subject }),
    status: 204,
    destructive: true,
    stepUp: false,
  }),
  own: operation({
    id: "sessions.own",
    method: "GET",
    path: "/own/sessions",
    permission: "access:own",
    summary: "List your own sessions, the newest first",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(session),
  }),
  endOwn: operation({
    id: "sessions.end-own",
    method: "DELETE",
    path: "/own/sessions/{id}",
    permission: "access:own",
    summary: "End one of your own sessions",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 204,
    destructive: true,
    stepUp: false,
  }),
};
