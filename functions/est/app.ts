/** EST (RFC 7030, with the corrections of RFC 8951): parse, authenticate, `enrol`, encode. */
import { type Answer, responseOf } from "#shared/http/answer";
import { securityHeaders } from "#shared/http/headers";
import { assertProtocolRate } from "#shared/http/protocol-rate";
import { assertHost } from "#shared/http/host-guard";
import { traceOf } from "#shared/http/trace";
import { Failure, isFailure } from "#shared/kernel/failure";
import { type Endpoint, endpointFor } from "#shared/usecases/enrolment-endpoints";
import type { Answers, BoundDeps, Peer } from "../function.ts";
import { refusal } from "./answers.ts";
import { challengeOf } from "./client.ts";
import { caCerts, csrAttributes } from "./distribute.ts";
import { simpleEnroll, simpleReenroll } from "./enroll.ts";
import type { Operation } from "./exchange.ts";
import { serverKeygen } from "./server-keygen.ts";

const prefix = "/.well-known/est/";

/** What is served. `fullcmc` (RFC 7030 4.3) is not, and whatever else there may be is not either. */
const operations = {
  cacerts: { method: "GET", run: caCerts },
  csrattrs: { method: "GET", run: csrAttributes },
  simpleenroll: { method: "POST", run: simpleEnroll },
  simplereenroll: { method: "POST", run: simpleReenroll },
  serverkeygen: { method: "POST", run: serverKeygen },
} as const satisfies Record<string, Operation>;
type OperationName = keyof typeof operations;

export function createEst(deps: BoundDeps): Answers {
  async function fetch(request: Request, peer: Peer): Promise<Response> {
    const trace = traceOf(request.headers.get("traceparent"));
    let name: OperationName | undefined;
    let endpoint: Endpoint | undefined;
    let answer: Answer;
    const count = (decision: Parameters<typeof deps.protocolRequests.count>[0]["decision"]) =>
      deps.protocolRequests.count({ protocol: "est", operation: name ?? "unknown", decision });
    try {
      assertHost(request.headers, deps.hostnames);
      const path = readPath(new URL(request.url).pathname);
      name = path.operation;
      const operation: Operation = operations[name];
      assertMethod(operation, request.method);
      endpoint = await endpointFor(deps, "est", path.label);
      assertProtocolRate(deps.limiter, "est", endpoint.tenant);
      answer = await operation.run({ deps, endpoint, request, peer, trace: trace.id });
      count(answer.status === 202 ? "pending" : "allow");
    } catch (error) {
      const scheme = endpoint && challengeOf(endpoint);
      const refused = refusal(error, { scheme, first: !request.headers.has("authorization") });
      answer = refused.answer;
      // What is full says so by its count; each of the many would be a line.
      if (answer.status >= 500 && !isFailure(error, "overloaded"))
        deps.report(error, { function: "est", operation: name, trace: trace.id });
      count(refused.decision);
    }
    return responseOf(answer, { ...securityHeaders, traceparent: trace.traceparent });
  }
  return { fetch };
}

/** RFC 7030 3.2.2: the operation, before it perhaps a label. @throws Failure `not_found` for what is not served */
function readPath(path: string): { readonly label: string | undefined; readonly operation: OperationName } {
  const segments = path.slice(prefix.length).split("/");
  const operation = segments.at(-1) ?? "";
  if (segments.length > 2 || !Object.hasOwn(operations, operation))
    throw new Failure(
      "not_found",
      `there is nothing here; served are ${prefix}[<label>/] with ${Object.keys(operations).join(", ")}`,
    );
  return { label: segments.length === 2 ? segments[0] : undefined, operation: operation as OperationName };
}

function assertMethod({ method }: Operation, asked: string): void {
  if (asked === method || (method === "GET" && asked === "HEAD")) return;
  throw new Failure("method_not_allowed", `this operation is a ${method} (RFC 7030 3.2.2)`, {
    extensions: { allow: method },
  });
}
