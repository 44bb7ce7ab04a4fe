/** The ACME server (RFC 8555): a path names endpoint and resource, the resource's row says how it is asked. */
import type { Answer } from "#shared/http/answer";
import { responseOf } from "#shared/http/answer";
import { securityHeaders } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import { assertProtocolRate } from "#shared/http/protocol-rate";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import { type Endpoint, endpointFor } from "#shared/usecases/enrolment-endpoints";
import type { Answers, BoundDeps } from "../function.ts";
import { newNonce } from "./nonces.ts";
import { AcmeError, problemAnswer } from "./problem.ts";
import type { Context, Resource } from "./resource.ts";
import { resources } from "./resources/registry.ts";
import { readSignedBody, readSignedRequest } from "./signed-request.ts";
import { urlsOf } from "./urls.ts";

interface Path {
  /** Undefined on the path without one: the default endpoint. */
  readonly label: string | undefined;
  readonly resource: Resource;
  readonly ids: readonly string[];
}

export function createAcmeServer(deps: BoundDeps): Answers {
  return {
    async fetch(request, peer) {
      const trace = traceOf(request.headers.get("traceparent"));
      let operation = "unknown";
      let endpoint: Endpoint | undefined;
      let answer: Answer;
      try {
        assertHost(request.headers, deps.hostnames);
        const url = new URL(request.url);
        const path = pathOf(url.pathname);
        operation = path.resource.name;
        endpoint = await endpointFor(deps, "acme", path.label);
        const { tenant, label } = endpoint;
        const context: Context = {
          deps,
          endpoint,
          urls: urlsOf(deps.publicUrl, label),
          ids: path.ids,
          query: url.searchParams,
          address: peer.address,
          trace: trace.id,
        };
        assertMethod(path.resource, request.method);
        assertProtocolRate(deps.limiter, "acme", tenant);
        // The bulkhead begins where the body ends: a slow sender holds no place in it.
        const body = path.resource.method === "POST" ? await readSignedBody(request) : nothing;
        answer = await deps.pool.run(() => served(body, url, path.resource, context), tenant);
        deps.protocolRequests.count({ protocol: "acme", operation, decision: "allow" });
      } catch (error) {
        answer = problemAnswer(error, trace.id);
        deps.protocolRequests.count({ protocol: "acme", operation, decision: decisionOf(answer.status) });
        if (answer.status >= 500 && answer.status !== 503)
          deps.report(error, { function: "acme", operation, trace: trace.id });
      }
      return responseOf(request.method === "HEAD" ? headOf(answer) : answer, {
        ...securityHeaders,
        "cache-control": "no-store",
        traceparent: trace.traceparent,
        ...(endpoint !== undefined && beside(deps, endpoint, answer, operation, request.method)),
      });
    },
  };
}

/** RFC 8555 7.1: index with every answer; 6.5: a nonce with every answer to a POST, errors too. */
function beside(
  deps: BoundDeps,
  endpoint: Endpoint,
  answer: Answer,
  operation: string,
  method: string,
): Record<string, string> {
  const index = `<${urlsOf(deps.publicUrl, endpoint.label).directory}>;rel="index"`;
  const link = answer.headers["link"] === undefined ? index : `${answer.headers["link"]}, ${index}`;
  return method === "POST" || operation === "newNonce" ? { link, "replay-nonce": newNonce(deps, endpoint) } : { link };
}

/** HEAD: as GET, but newNonce then says 200 (RFC 8555 7.2). */
const headOf = (answer: Answer): Answer => ({
  ...answer,
  status: answer.status === 204 ? 200 : answer.status,
  body: null,
});

const decisionOf = (status: number) => (status === 429 || status === 503 ? "shed" : status < 500 ? "deny" : "error");

const idShape = /^[A-Za-z0-9._-]{1,200}$/;

/** @throws Failure `not_found` */
function pathOf(pathname: string): Path {
  if (pathname === "/directory") return { label: undefined, resource: resources["directory"] as Resource, ids: [] };
  const [, first, label, name = "", ...ids] = pathname.split("/");
  const resource = first === "acme" && Object.hasOwn(resources, name) ? resources[name] : undefined;
  if (resource === undefined || ids.length !== resource.ids || !ids.every((id) => idShape.test(id)))
    throw new Failure("not_found", "there is nothing here; begin at /acme/<label>/directory");
  return { label, resource, ids };
}

function assertMethod({ method }: Resource, asked: string): void {
  if (asked === method || (method === "GET" && asked === "HEAD")) return;
  throw new AcmeError(
    "malformed",
    method === "POST" ? "send a signed POST; to read, POST-as-GET (RFC 8555 6.3)" : `${asked} is not served here`,
    {
      status: 405,
      headers: { allow: method === "GET" ? "GET, HEAD" : "POST" },
    },
  );
}

const nothing = new Uint8Array(0);

async function served(
  body: Uint8Array,
  { pathname, search }: URL,
  resource: Resource,
  context: Context,
): Promise<Answer> {
  if (resource.method === "GET") return resource.run(context);
  const { deps, endpoint, urls } = context;
  const asked = { endpoint, urls, url: `${deps.publicUrl}${pathname}${search}` };
  const signed = await readSignedRequest(deps, body, asked, resource.by);
  if (resource.by !== "account") return resource.run({ ...context, ...signed });
  const { account, key, payload } = signed;
  if (account === undefined) throw new TypeError("readSignedRequest: no account where one was asked for");
  return resource.run({ ...context, account, key, payload });
}
