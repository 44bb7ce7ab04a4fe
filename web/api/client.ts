/** The only place that speaks to the host. Every call goes by the contract; what comes back is data or an `ApiError`. */
import { isAttended } from "./attended.ts";
import { type OperationId, operations, type Operations, type Problem } from "./generated.ts";

export interface Refusal {
  readonly field: string;
  readonly detail: string;
}

/** What the host refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfter?: number) {
    super(problem?.detail ?? "The host cannot be reached.");
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** What is wrong, each with its field as the API calls it. */
  get refusals(): readonly Refusal[] {
    const problems = this.problem?.["problems"];
    const listed = (Array.isArray(problems) ? problems : []).flatMap((text): Refusal[] => {
      const [, field, detail] = /^([\w.-]+): (.*)$/s.exec(String(text)) ?? [];
      return field === undefined || detail === undefined ? [] : [{ field, detail }];
    });
    if (listed.length > 0 || this.problem?.field === undefined) return listed;
    return [{ field: this.problem.field, detail: this.message }];
  }

  /** Permissions that a refusal with 403 asks for. */
  get missing(): readonly string[] {
    const missing = this.problem?.["missing"];
    return Array.isArray(missing) ? missing.map(String) : [];
  }
}

type Given<K extends "params" | "query" | "body", T> = T extends undefined
  ? { readonly [key in K]?: undefined }
  : Record<never, never> extends T
    ? { readonly [key in K]?: T }
    : { readonly [key in K]: T };

export type Input<O extends OperationId> = Given<"params", Operations[O]["params"]> &
  Given<"query", Operations[O]["query"]> &
  Given<"body", Operations[O]["body"]> & {
    /** Of a mutation: the same for a second try of the same submit. */
    readonly key?: string;
    readonly signal?: AbortSignal;
  };

/** Bound to the session; every mutation carries it. Set from the answer of `GET /auth/session`. */
let csrfToken: string | undefined;
export const setCsrfToken = (token: string | undefined): void => void (csrfToken = token);

/** What the session does where the host refuses it for now. */
export interface Guard {
  /** Asks the person to show again who they are. @returns true when they did: the same request will do */
  showAgain(refusal: ApiError): Promise<boolean>;
  /** Looks at the session anew, which another tab may have renewed. @returns true when it is still the same person's */
  reload(): Promise<boolean>;
}

let guard: Guard | undefined;
export const setGuard = (wanted: Guard | undefined): void => void (guard = wanted);

export const newKey = (): string => crypto.randomUUID();

/** @throws ApiError */
export async function call<O extends OperationId>(id: O, input: Input<O>): Promise<Operations[O]["response"]> {
  const { method, path } = operations[id];
  const { params = {}, query = {}, body, key, signal } = input as Input<OperationId> & Record<string, object>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const mutates = (method as string) !== "GET";
  return (await request(method, search.size === 0 ? filled : `${filled}?${search.toString()}`, {
    body,
    headers: mutates ? { "idempotency-key": key ?? newKey() } : {},
    signal,
  })) as Operations[O]["response"];
}

interface Options {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** For what is beside the API (`/auth/…`). @throws ApiError */
export async function request(method: string, path: string, options: Options = {}): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await send(method, path, options);
    } catch (error) {
      if (tries > maxMended || !(error instanceof ApiError) || !(await mended(error))) throw error;
    }
  }
}

const maxMended = 2;

/** @returns true when the same request, with the same key, will do now */
async function mended(refusal: ApiError): Promise<boolean> {
  switch (refusal.problem?.["reason"]) {
    case "step_up_required":
      return (await guard?.showAgain(refusal)) === true;
    case "csrf":
      return (await guard?.reload()) === true;
    default:
      return false;
  }
}

async function send(method: string, path: string, { body, headers = {}, signal }: Options): Promise<unknown> {
  const sent: Record<string, string> = { accept: "application/json", ...headers };
  if (body !== undefined) sent["content-type"] = "application/json";
  if (!isAttended()) sent["x-unattended"] = "1";
  if (method !== "GET" && csrfToken !== undefined) sent["x-csrf-token"] = csrfToken;
  const response = await fetch(path, {
    method,
    headers: sent,
    credentials: "same-origin",
    redirect: "error",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, undefined);
  });
  if (response.ok) return response.status === 204 ? undefined : response.json();
  const after = Number(response.headers.get("retry-after"));
  const problem = await response.json().then(asProblem, () => undefined);
  throw new ApiError(response.status, problem, Number.isFinite(after) && after > 0 ? after : undefined);
}

const asProblem = (value: unknown): Problem | undefined =>
  typeof value === "object" && value !== null && "detail" in value ? (value as Problem) : undefined;
