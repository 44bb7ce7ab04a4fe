/** Calls of the tenant API: authorisation, idempotency, patience. */
import { Failure } from "#shared/kernel/failure";
import type { Connection } from "./connection.ts";
import { failureOfAnswer } from "./failures.ts";
import { isRow, type Row } from "./output.ts";
import { whileWorking } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import type { Transport, WireAnswer, WireRequest } from "./transport.ts";

export interface ApiRequest {
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Row | undefined;
  /** Of a mutation: every try carries the same one (I6). */
  readonly idempotencyKey?: string;
}

/** Answers the parsed body; undefined for 204. @throws Failure */
export type Api = (request: ApiRequest) => Promise<unknown>;

const tries = 4;
const firstPause = 250;
const longestPause = 30_000;

export function apiOf(connection: Connection, transport: Transport, terminal: Terminal): Api {
  const began = terminal.now();
  let requests = 0;
  return async (request) => {
    requests += 1;
    const asking = requests === 1 ? "waiting for the host" : `asking the host, request ${requests}`;
    const wire = wireRequest(connection, request);
    let mayBeDone = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await whileWorking(terminal, asking, () => attemptOnce(transport, wire), began);
      if (outcome.answer !== undefined) return readAnswer(outcome.answer, connection);
      const pause = pauseBefore(attempt, outcome.failure);
      mayBeDone ||= outcome.failure.extensions?.["sent"] !== false;
      if (attempt === tries || pause === undefined)
        throw mayBeDone ? withKey(outcome.failure, request) : outcome.failure;
      if (pause >= 1000)
        terminal.note(`trstctl: ${outcome.failure.message}; trying again in ${Math.ceil(pause / 1000)} s`);
      await terminal.sleep(pause);
    }
  };
}

function wireRequest(connection: Connection, request: ApiRequest): WireRequest {
  const query = new URLSearchParams(request.query).toString();
  return {
    method: request.method,
    path: `/api/v1${request.path}${query === "" ? "" : `?${query}`}`,
    headers: {
      accept: "application/json, application/problem+json",
      authorization: `Bearer ${connection.token}`,
      ...(request.idempotencyKey === undefined ? {} : { "idempotency-key": request.idempotencyKey }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  };
}

type Attempt =
  | { readonly answer: WireAnswer; readonly failure?: never }
  | { readonly answer?: never; readonly failure: Failure };

/** What a repetition cannot mend is thrown; what it may mend is returned. */
async function attemptOnce(transport: Transport, wire: WireRequest): Promise<Attempt> {
  try {
    const answer = await transport(wire);
    return answer.status === 503 ? { failure: failureOfAnswer(answer) } : { answer };
  } catch (error) {
    if (error instanceof Failure && error.code === "unavailable") return { failure: error };
    throw error;
  }
}

/** Milliseconds; undefined: the host asks for more than a person waits for. */
function pauseBefore(attempt: number, failure: Failure): number | undefined {
  const asked = (failure.retryAfter ?? 0) * 1000;
  const own = firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  return asked > longestPause ? undefined : Math.max(asked, own);
}

/** A mutation whose answer never came may have happened; repeating it under its key is safe. */
function withKey(failure: Failure, request: ApiRequest): Failure {
  if (request.idempotencyKey === undefined) return failure;
  return new Failure(
    failure.code,
    `${failure.message}\n  The request may have been carried out. The same command with --idempotency-key ${request.idempotencyKey} asks again and never does it twice`,
    {
      cause: failure.cause,
      ...(failure.field === undefined ? {} : { field: failure.field }),
      ...(failure.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter }),
      ...(failure.extensions === undefined ? {} : { extensions: failure.extensions }),
    },
  );
}

function readAnswer(answer: WireAnswer, connection: Connection): unknown {
  if (answer.status >= 300 && answer.status < 400)
    throw new Failure(
      "misconfigured",
      `${connection.url.origin} sends elsewhere (${answer.headers.location ?? "nowhere"}): set the url to the API itself`,
    );
  if (answer.status >= 400 || answer.status < 200) throw failureOfAnswer(answer);
  if (answer.status === 204) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    throw new Failure(
      "malformed",
      `${connection.url.origin} answered something that is not JSON: is this the trstctl API?`,
      { cause: error },
    );
  }
}

/** The pages of a list, in order. @throws Failure `corrupt` when a cursor comes twice */
export async function* pagesOf(api: Api, request: ApiRequest): AsyncGenerator<Row> {
  const seen = new Set<string>();
  for (let query = request.query ?? {}; ; ) {
    const page = await api({ ...request, query });
    if (!isRow(page))
      throw new Failure(
        "malformed",
        "the host answered a page that is not an object: use the CLI of the same version as the host",
      );
    yield page;
    const next = page["next_cursor"];
    if (typeof next !== "string") return;
    if (seen.has(next))
      throw new Failure("corrupt", `the host gave the cursor ${next} twice: the list would never end`);
    seen.add(next);
    query = { ...request.query, cursor: next };
  }
}

/** All pages as one: the first page's members, everybody's items. */
export async function wholeList(api: Api, request: ApiRequest): Promise<Row> {
  let first: Row | undefined;
  const items: unknown[] = [];
  for await (const page of pagesOf(api, request)) {
    first ??= page;
    for (const item of Array.isArray(page["items"]) ? page["items"] : []) items.push(item);
  }
  return { ...first, items, next_cursor: null };
}
