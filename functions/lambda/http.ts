/** The Lambda of a function that is asked over HTTP. */
import { createPool } from "#shared/http/pool";
import { problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import type { Answers, BoundDeps, FunctionDeps } from "../function.ts";
import { type LambdaDeps, openDeps, type Part } from "./deps.ts";
import { answered, type HttpEvent, type HttpResult, type Received, received, type Site } from "./http-event.ts";
import { lambda } from "./shell.ts";

interface HttpLambda {
  /** Of the function in the registry. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** By which name the function is known: that of the API, or that of revocation. */
  readonly known?: (deps: FunctionDeps) => string;
  create(deps: BoundDeps & LambdaDeps): Answers;
}

/** Before Lambda ends it, so that the client is told, and when to come back. */
const spareMs = 500;

export const httpLambda = ({ name, parts, known = (deps) => deps.publicUrl, create }: HttpLambda) =>
  lambda<HttpEvent, HttpResult>(
    name,
    async (shell) => {
      const deps = await openDeps(shell, parts);
      // An environment serves one request at a time: the bulkhead is the function's concurrency (I8). There is room beside it
      // for what was answered 503 in time, and goes on when the environment thaws.
      const answers = create({ ...deps, pool: createPool(16) });
      const site: Site = { origin: new URL(known(deps)).origin, originLocked: deps.originLocked };
      return async (event, { remainingMs }) => {
        const result = await served(answers, event, site, remainingMs() - spareMs).catch((error: unknown) => {
          if (!(error instanceof Failure)) shell.report(error, { operation: "http" });
          return refusal(event, error);
        });
        shell.metrics.add("answers", "Count", 1, { status: `${String(result.statusCode).slice(0, 1)}xx` });
        return result;
      };
    },
    (event) => refusal(event, new Failure("unavailable", "this function cannot start; its log says why")),
  );

async function served(answers: Answers, event: HttpEvent, site: Site, ms: number): Promise<HttpResult> {
  return answered(event, await answer(answers, event, site, ms));
}

async function answer(answers: Answers, event: HttpEvent, site: Site, ms: number): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new Failure("unavailable", "this took longer than a request may: try again", { retryAfter: 1 });
    timer = setTimeout(() => reject(failure), Math.max(ms, 0));
  });
  try {
    const { request, peer }: Received = received(event, site);
    return await Promise.race([answers.fetch(request, peer), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the shell itself does not take: no function has seen it. */
function refusal(event: HttpEvent, error: unknown): Promise<HttpResult> {
  const traceparent = Object.entries(event.headers ?? {}).find(([name]) => name.toLowerCase() === "traceparent")?.[1];
  return answered(event, problemResponse(error, traceOf(traceparent ?? null).id));
}
