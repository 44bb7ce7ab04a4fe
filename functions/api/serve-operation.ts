/**
 * One request through its operation, in the fixed order (behaviour §1): principal (401) → permission (403) → rate (429) →
 * schema (400) → idempotency → handler. What a caller may not know is refused before anything is looked up.
 */
import { isMutation, type Operation } from "#shared/contracts/operation";
import { sha256Hex } from "#shared/crypto/hash";
import { readJson } from "#shared/http/body";
import { assertSameRequest, fingerprint, idempotencyKeyOf } from "#shared/http/idempotency";
import { validate } from "#shared/http/validate";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { IdempotencyRecord } from "#shared/ports/event-log";
import { assertPermitted } from "#shared/usecases/tokens";
import type { FunctionDeps } from "../function.ts";
import type { Handler, Outcome, Served } from "./handler.ts";

export interface ParsedRequest {
  readonly request: Request;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly traceId: string;
}

const maxBodyBytes = 256 * 1024;

export async function serveOperation(
  deps: FunctionDeps,
  operation: Operation,
  handler: Handler,
  input: ParsedRequest,
): Promise<Response> {
  const { request } = input;
  const principal = await deps.authenticate(request.headers);
  assertPermitted(principal, operation.permission);
  const permit = deps.limiter.take(principal.tenant);
  if (!permit.ok)
    throw new Failure("rate_limited", "this tenant sends more requests than it may; slow down", {
      retryAfter: permit.retryAfter,
    });
  const params = operation.params === undefined ? {} : validate(operation.params, input.params);
  const query = operation.query === undefined ? noQuery(input.query) : validate(operation.query, input.query);
  const json = isMutation(operation) ? await readJson(request, maxBodyBytes) : {};
  const body = operation.body === undefined ? noBody(json) : validate(operation.body, json);
  const base = { deps, params, query, body };
  if (!isMutation(operation)) {
    const outcome = await handler.run({ ...base, call: { principal, operation: "-", trace: input.traceId } });
    return answer(operation, outcome.body);
  }
  const key = idempotencyKeyOf(request.headers);
  const print = fingerprint(deps.fingerprintKey(principal.tenant), request.method, input.path, principal, body);
  const served: Served = {
    ...base,
    call: {
      principal,
      // Per subject: two callers who pick the same key are two operations.
      operation: sha256Hex(`${principal.subject}\n${key}`),
      idempotency: { key, fingerprint: print, status: operation.status, operation: operation.id },
      trace: input.traceId,
    },
  };
  const before = await deps.log.replayOf(principal.tenant, key);
  if (before !== undefined) return replay(operation, handler, served, before, print);
  try {
    return answer(operation, await render(handler, served, await handler.run(served)));
  } catch (error) {
    if (!isFailure(error, "idempotency_replayed")) throw error;
    const now = await deps.log.replayOf(principal.tenant, key);
    if (now === undefined) throw error;
    return replay(operation, handler, served, now, print);
  }
}

/** The first answer, rendered again from the state as it is now; secrets were shown once and are not here to be shown. */
async function replay(
  operation: Operation,
  handler: Handler,
  served: Served,
  record: IdempotencyRecord,
  print: string,
): Promise<Response> {
  assertSameRequest(record, print);
  const outcome: Outcome = {
    resource: record.resource,
    ...(handler.replayExtra !== undefined && { extra: handler.replayExtra }),
  };
  const response = answer(operation, await render(handler, served, outcome));
  response.headers.set("idempotency-replayed", "true");
  return response;
}

async function render(handler: Handler, served: Served, outcome: Outcome): Promise<unknown> {
  if (handler.show === undefined || outcome.resource === undefined) return outcome.body;
  return { ...(await handler.show(served, outcome.resource)), ...outcome.extra };
}

function answer(operation: Operation, body: unknown): Response {
  if (operation.status === 204) return new Response(null, { status: 204 });
  return new Response(JSON.stringify(body), {
    status: operation.status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

function noQuery(query: Readonly<Record<string, string>>): object {
  const [name] = Object.keys(query);
  if (name !== undefined)
    throw new Failure("invalid_field", `${name}: this operation has no query parameters`, { field: name });
  return {};
}

function noBody(json: object): object {
  const [name] = Object.keys(json);
  if (name !== undefined) throw new Failure("invalid_field", `${name}: this operation has no body`, { field: name });
  return {};
}
