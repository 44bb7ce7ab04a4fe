/**
 * One request through its operation, in the fixed order (behaviour §1): principal (401) → permission (403) → rate (429) →
 * schema (400) → step-up (403) → idempotency → handler. What a caller may not know is refused before anything is looked up.
 */
import { isMutation, type Operation } from "#shared/contracts/operation";
import type { Permission } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { sha256Hex } from "#shared/crypto/hash";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { readJson } from "#shared/http/body";
import { refuseExposedSecrets } from "#shared/http/exposed-secrets";
import { assertSameRequest, fingerprint, idempotencyKeyOf } from "#shared/http/idempotency";
import type { Once } from "#shared/http/once";
import { assertNotForged, isUnattended, readSessionCookie } from "#shared/http/session-cookie";
import { assertShownLately } from "#shared/http/step-up";
import { shownName, validate } from "#shared/http/validate";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { IdempotencyRecord } from "#shared/ports/event-log";
import type { Session } from "#shared/usecases/session-store";
import { findSession } from "#shared/usecases/sessions";
import { assertPermitted } from "#shared/usecases/tokens";
import type { Call } from "#shared/usecases/deps";
import type { BoundDeps } from "../function.ts";
import type { Handler, Outcome, Served } from "./operation-handler.ts";

export interface ParsedRequest {
  readonly request: Request;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly traceId: string;
}

const maxBodyBytes = 256 * 1024;

export async function serveOperation(
  deps: BoundDeps & { readonly once: Once },
  operation: Operation,
  handler: Handler,
  input: ParsedRequest,
): Promise<Answer> {
  const { request } = input;
  const { principal, session } = await admit(deps, request, operation.permission);
  refuseExposedSecrets(input.params);
  refuseExposedSecrets(input.query);
  const params = operation.params === undefined ? {} : validate(operation.params, input.params);
  const query = operation.query === undefined ? noQuery(input.query) : validate(operation.query, input.query);
  const json = isMutation(operation) ? await readJson(request, maxBodyBytes) : {};
  refuseExposedSecrets(json);
  const body = operation.body === undefined ? noBody(json) : validate(operation.body, json);
  assertShownLately(operation, body, session, deps.clock.now());
  const base = { deps, params, query, body, session: session?.id };
  // The bulkhead begins where the body ends: a slow sender holds no place in it.
  if (!isMutation(operation)) {
    const call: Call = { principal, operation: "-", trace: input.traceId };
    const read = async () => answer(operation, (await handler.run({ ...base, call })).body);
    return deps.pool.run(read, principal.tenant);
  }
  const key = idempotencyKeyOf(request.headers);
  refuseExposedSecrets(key, ["Idempotency-Key"]); // it is kept with the answer
  const print = fingerprint(deps.fingerprintKey(principal.tenant), request.method, input.path, principal, body);
  const served: Served = {
    ...base,
    call: {
      principal,
      operation: sha256Hex(`${principal.subject}\n${key}`),
      idempotency: { key, fingerprint: print, status: operation.status, operation: operation.id },
      trace: input.traceId,
    },
  };
  return deps.pool.run(() => mutate(deps.once, operation, handler, served, { key, print }), principal.tenant);
}

interface Admitted {
  readonly principal: Principal;
  /** Of the browser, where it is one that asks. */
  readonly session: Session | undefined;
}

/** Who asks, and may: principal, permission, rate. */
export async function admit(deps: BoundDeps, request: Request, permission: Permission): Promise<Admitted> {
  const admitted = await authenticated(deps, request);
  const { principal } = admitted;
  assertPermitted(principal, permission);
  const permit = deps.limiter.take(principal.tenant);
  if (!permit.ok)
    throw new Failure("rate_limited", "this tenant sends more requests than it may; slow down", {
      retryAfter: permit.retryAfter,
    });
  return admitted;
}

/** By token, where one is sent: a cookie beside it counts for nothing. Else by the browser's session. */
async function authenticated(deps: BoundDeps, request: Request): Promise<Admitted> {
  const { headers } = request;
  const cookie = headers.has("authorization") ? undefined : readSessionCookie(headers, deps.publicUrl);
  const signedIn = cookie === undefined ? undefined : await findSession(deps, cookie, !isUnattended(headers));
  if (signedIn === undefined) return { principal: await deps.authenticate(headers), session: undefined };
  assertNotForged(request, signedIn.csrfToken, deps.origins);
  return signedIn;
}

interface Identified {
  readonly key: string;
  readonly print: string;
}

/** Once for each key: a repetition, also one that runs at the same time, is answered from state. */
function mutate(
  once: Once,
  operation: Operation,
  handler: Handler,
  served: Served,
  { key, print }: Identified,
): Promise<Answer> {
  const { deps, call } = served;
  const { tenant } = call.principal;
  const find = async (): Promise<Answer | undefined> => {
    const before = await deps.log.replayOf(tenant, key);
    return before === undefined ? undefined : replay(operation, handler, served, before, print);
  };
  const work = async (): Promise<Answer> => {
    try {
      return answer(operation, await render(handler, served, await handler.run(served)));
    } catch (error) {
      const now = isFailure(error, "idempotency_replayed") ? await find() : undefined;
      if (now === undefined) throw error;
      return now;
    }
  };
  return once({ name: `${tenant}\n${key}`, fingerprint: print, find, work });
}

/** The first answer, rendered again from the state as it is now; secrets were shown once and are not here to be shown. */
async function replay(
  operation: Operation,
  handler: Handler,
  served: Served,
  record: IdempotencyRecord,
  print: string,
): Promise<Answer> {
  assertSameRequest(record, print);
  const outcome: Outcome = {
    resource: record.resource,
    ...(handler.replayExtra !== undefined && { extra: handler.replayExtra }),
  };
  const again = answer(operation, await render(handler, served, outcome));
  return { ...again, headers: { ...again.headers, "idempotency-replayed": "true" } };
}

async function render(handler: Handler, served: Served, outcome: Outcome): Promise<unknown> {
  if (handler.show === undefined || outcome.resource === undefined) return outcome.body;
  return { ...(await handler.show(served, outcome.resource)), ...outcome.extra };
}

function answer(operation: Operation, body: unknown): Answer {
  const headers = { "cache-control": "no-store" };
  if (operation.status === 204) return { status: 204, headers: {}, body: null };
  const json = jsonAnswer(body, operation.status);
  return { ...json, headers: { ...json.headers, ...headers } };
}

function noQuery(query: Readonly<Record<string, string>>): object {
  const [name] = Object.keys(query);
  if (name !== undefined)
    throw new Failure("invalid_field", `${shownName(name)}: this operation has no query parameters`, {
      field: shownName(name),
    });
  return {};
}

function noBody(json: object): object {
  const [name] = Object.keys(json);
  if (name !== undefined)
    throw new Failure("invalid_field", `${shownName(name)}: this operation has no body`, { field: shownName(name) });
  return {};
}
