/** SCEP (RFC 8894): parse, authenticate, `enrol`, encode. */
import { type Answer, responseOf } from "#shared/http/answer";
import { securityHeaders } from "#shared/http/headers";
import { assertProtocolRate } from "#shared/http/protocol-rate";
import { assertHost } from "#shared/http/host-guard";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import { endpointFor } from "#shared/usecases/enrolment-endpoints";
import type { Answers, BoundDeps } from "../function.ts";
import { refusal } from "./answers.ts";
import { getCaCaps, getCaCert } from "./distribute.ts";
import type { Exchange, Served } from "./exchange.ts";
import { pkiOperation } from "./pki-operation.ts";

const prefix = "/scep";

interface Operation {
  readonly methods: readonly string[];
  run(exchange: Exchange, request: Request): Promise<Served>;
}

/** What is served (RFC 8894 4.1). GetNextCACert is not: there is never a next CA certificate to show. */
const operations = {
  GetCACaps: { methods: ["GET", "HEAD"], run: getCaCaps },
  GetCACert: { methods: ["GET", "HEAD"], run: getCaCert },
  PKIOperation: { methods: ["GET", "POST"], run: pkiOperation },
} as const satisfies Record<string, Operation>;
type OperationName = keyof typeof operations;

export function createScep(deps: BoundDeps): Answers {
  async function serve(request: Request, trace: string): Promise<Served> {
    assertHost(request.headers, deps.plainHostnames);
    const url = new URL(request.url);
    const label = labelOf(url.pathname);
    const name = operationOf(url.searchParams, request.method);
    const endpoint = await endpointFor(deps, "scep", label);
    assertProtocolRate(deps.limiter, "scep", endpoint.tenant);
    return operations[name].run({ deps, endpoint, trace }, request);
  }

  async function fetch(request: Request): Promise<Response> {
    const trace = traceOf(request.headers.get("traceparent"));
    let answer: Answer;
    try {
      const served = await serve(request, trace.id);
      answer = served.answer;
      deps.protocolRequests.count({ protocol: "scep", operation: served.operation, decision: served.decision });
    } catch (error) {
      const refused = refusal(error);
      answer = refused.answer;
      if (refused.decision === "error") deps.report(error, { function: "scep", trace: trace.id });
      deps.protocolRequests.count({ protocol: "scep", operation: "http", decision: refused.decision });
    }
    return responseOf(answer, { ...securityHeaders, traceparent: trace.traceparent });
  }
  return { fetch };
}

/**
 * `/scep[/<label>]`, and what clients put behind whatever they are told: a slash, or the program of long ago (RFC 8894 4.1).
 * @throws Failure `not_found`
 */
function labelOf(path: string): string | undefined {
  const [, label] = /^\/scep(?:\/([a-z0-9-]+))?(?:\/|\/pkiclient\.exe)?$/.exec(path) ?? [undefined, null];
  if (label === null)
    throw new Failure("not_found", `there is nothing here; served are ${prefix} and ${prefix}/<label>`);
  return label;
}

/** @throws Failure `malformed`, `method_not_allowed` */
function operationOf(query: URLSearchParams, method: string): OperationName {
  const name = query.get("operation") ?? "";
  if (!Object.hasOwn(operations, name))
    throw new Failure(
      "malformed",
      `operation ${name === "" ? "is missing" : "is not served"}; served are ${Object.keys(operations).join(", ")}`,
    );
  const { methods }: Operation = operations[name as OperationName];
  if (!methods.includes(method))
    throw new Failure("method_not_allowed", `send this operation by ${methods.join(" or ")} (RFC 8894 4.1)`, {
      extensions: { allow: methods.join(", ") },
    });
  return name as OperationName;
}
