/** The tenant API: routes from the contract, one way through for all of them. */
import { type Context, Hono } from "hono";
import type { Operation } from "#shared/contracts/operation";
import { operations } from "#shared/contracts/operations";
import { type Answer, jsonAnswer, responseOf } from "#shared/http/answer";
import { securityHeaders, strictTransport } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { createOnce } from "#shared/http/once";
import { problemAnswer, problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { shownName } from "#shared/http/validate";
import { Failure } from "#shared/kernel/failure";
import { handlerOf } from "./handlers/registry.ts";
import type { BoundDeps } from "../function.ts";
import type { ApiMetrics } from "./metrics.ts";
import { serveOperation } from "./serve-operation.ts";

const base = "/api/v1";
/** C2SP tlog-tiles. */
const tlogPath = "/audit/tlog";

/** @param metrics where there is something that reads them; a process that comes and goes has none to show */
export function createApi(deps: BoundDeps, metrics?: ApiMetrics): Fetches {
  const app = new Hono();
  let document: string | undefined;
  const serving = { ...deps, once: createOnce() };

  app.get("/healthz", (c) => guarded(c, "/healthz", async () => jsonAnswer({ status: "ok" })));
  app.get("/readyz", (c) =>
    guarded(c, "/readyz", async () => {
      const parts = await deps.ready();
      const ready = Object.values(parts).every((part) => part === "ok");
      return jsonAnswer({ status: ready ? "ready" : "not_ready", parts }, ready ? 200 : 503);
    }),
  );
  if (metrics !== undefined)
    app.get("/metrics", (c) =>
      guarded(c, "/metrics", async () => ({
        status: 200,
        headers: { "content-type": metrics.contentType },
        body: await metrics.text(),
      })),
    );
  app.get(`${base}/openapi.json`, (c) =>
    guarded(c, `${base}/openapi.json`, async () => {
      // Making it costs more than a request, and few ask for it.
      const { openApiDocument } = await import("#shared/contracts/openapi");
      document ??= JSON.stringify(openApiDocument());
      return { status: 200, headers: { "content-type": "application/json" }, body: document };
    }),
  );

  app.get(`${base}${tlogPath}/*`, (c) =>
    guarded(c, `${base}${tlogPath}`, async () => {
      const { serveTlog } = await import("./tlog.ts");
      return serveTlog(serving, c.req.raw, c.req.path.slice(base.length + tlogPath.length + 1));
    }),
  );

  // Static paths before parameters: /certificates/summary is no certificate's id.
  const byStatic = [...operations].sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")));
  for (const operation of byStatic) {
    const route = base + operation.path;
    app.on(operation.method, route.replace(/\{(\w+)\}/g, ":$1"), (c) =>
      guarded(c, route, (traceId) => serve(c, operation, traceId)),
    );
  }
  const methods = methodsByPath();
  app.all("*", (c) =>
    guarded(c, "unknown", async (traceId) => {
      const served = methods.find(({ shape }) => shape.test(new URL(c.req.url).pathname));
      if (served === undefined)
        throw new Failure("not_found", `there is nothing here; the API is described at ${base}/openapi.json`);
      const allow = served.methods.join(", ");
      const refusal = new Failure("method_not_allowed", `${c.req.method} is not served here; ${allow} is`);
      const answer = problemAnswer(refusal, traceId);
      return { ...answer, headers: { ...answer.headers, allow } }; // RFC 9110 15.5.6
    }),
  );

  async function serve(c: Context, operation: (typeof operations)[number], traceId: string): Promise<Answer> {
    const { raw: request } = c.req;
    const query = queryOf(c.req.url);
    return serveOperation(serving, operation, await handlerOf(operation.id), {
      request,
      path: c.req.path,
      params: c.req.param() as Record<string, string>,
      query,
      traceId,
    });
  }

  /** What every request gets: host check, trace, measured, failures rendered. */
  async function guarded(c: Context, route: string, work: (traceId: string) => Promise<Answer>): Promise<Response> {
    const started = performance.now();
    const trace = traceOf(c.req.raw.headers.get("traceparent"));
    let answer: Answer;
    try {
      assertHost(c.req.raw.headers, deps.hostnames);
      answer = await work(trace.id);
    } catch (error) {
      answer = problemAnswer(error, trace.id);
      if (answer.status >= 500) deps.report(error, { function: "api", route, trace: trace.id });
    }
    metrics?.observe(c.req.method, route, answer.status, (performance.now() - started) / 1000);
    return responseOf(answer, {
      ...securityHeaders,
      ...strictTransport(c.req.raw.headers),
      traceparent: trace.traceparent,
    });
  }

  return knownMethodsOnly(app, (failure) => problemResponse(failure, traceOf(null).id));
}

/** @throws Failure `invalid_field` for a parameter given twice: which one counts must not be a guess */
function queryOf(url: string): Record<string, string> {
  const at = url.indexOf("?");
  if (at < 0) return {};
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    if (name in query)
      throw new Failure("invalid_field", `${shownName(name)}: given twice`, { field: shownName(name) });
    query[name] = value;
  }
  return query;
}

function methodsByPath(): { readonly shape: RegExp; readonly methods: readonly string[] }[] {
  const paths = new Map<string, Operation["method"][]>();
  for (const { path, method } of operations) paths.set(path, [...(paths.get(path) ?? []), method]);
  return [...paths].map(([path, methods]) => ({
    shape: new RegExp(`^${base}${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    methods,
  }));
}
