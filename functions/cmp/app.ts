/** CMP over HTTP (RFC 9811, profiles of RFC 9483): parse, authenticate, let the body's handler act, protect, encode. */
import { randomBytes } from "#shared/crypto/random";
import { readBody } from "#shared/http/body";
import { securityHeaders } from "#shared/http/headers";
import { assertProtocolRate } from "#shared/http/protocol-rate";
import { assertHost } from "#shared/http/host-guard";
import { mediaTypeOf } from "#shared/http/media-type";
import type { Decision } from "#shared/http/protocol-requests";
import { retryAfterSeconds } from "#shared/kernel/shown-failure";
import { traceOf } from "#shared/http/trace";
import { Failure, isFailure } from "#shared/kernel/failure";
import { maxMessageBytes, parseMessage, type PkiMessage } from "#shared/pki/cmp/message";
import { parseInfoTypes } from "#shared/pki/cmp/info-type";
import { errorContent } from "#shared/pki/cmp/status";
import { endpointIssuer } from "#shared/usecases/endpoint-issuer";
import { endpointFor } from "#shared/usecases/enrolment-endpoints";
import type { Answers, BoundDeps } from "../function.ts";
import { answerMessage, errorMessage } from "./answer-message.ts";
import { bodies, servedBodies } from "./bodies/registry.ts";
import type { Exchange, Reply } from "./exchange.ts";
import { assertHeader } from "./header-rules.ts";
import { unwrapped } from "./nested.ts";
import { type Addressed, readPath } from "./path.ts";
import { refuse, refusedBy } from "./refusal.ts";
import { authenticate } from "./requester.ts";

const mediaType = "application/pkixcmp";

/** What an answer is before it is a Response. */
interface Answer {
  readonly message: Uint8Array;
  readonly decision: Decision;
}

/** HTTP's own status where the message could not be taken for one (RFC 9811 3.1); an error message under 200 else. */
const statuses = {
  method_not_allowed: 405,
  not_acceptable_media: 415,
  too_large: 413,
  not_found: 404,
  host_refused: 421,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
} as const;

export function createCmp(deps: BoundDeps): Answers {
  async function fetch(request: Request): Promise<Response> {
    const trace = traceOf(request.headers.get("traceparent"));
    let received: PkiMessage | undefined;
    try {
      assertHost(request.headers, deps.plainHostnames);
      assertPost(request);
      const addressed = readPath(new URL(request.url).pathname);
      const endpoint = await endpointFor(deps, "cmp", addressed.label);
      assertProtocolRate(deps.limiter, "cmp", endpoint.tenant);
      // The bulkhead begins where the body ends: a slow sender holds no place in it.
      const body = await readBody(request, maxMessageBytes);
      const { message, decision } = await deps.pool.run(async () => {
        received = parseMessage(body);
        return answer({ deps, endpoint, trace: trace.id }, addressed, received);
      }, endpoint.tenant);
      count(received, decision);
      return respond(message, 200, trace.traceparent);
    } catch (error) {
      const { info, decision } = refusedBy(error);
      if (decision === "error") deps.report(error, { function: "cmp", trace: trace.id });
      count(received, decision);
      const message = errorMessage(received?.header, info, randomBytes(16), deps.clock.now());
      return respond(message, statusOf(error, received), trace.traceparent, retryAfter(error));
    }
  }

  function count(message: PkiMessage | undefined, decision: Decision): void {
    deps.protocolRequests.count({ protocol: "cmp", operation: message?.type ?? "unknown", decision });
  }

  return { fetch };
}

/** Protected for who has shown who he is, also when he is refused; whatever is thrown has no such requester. */
async function answer(
  at: Pick<Exchange, "deps" | "endpoint" | "trace">,
  addressed: Addressed,
  received: PkiMessage,
): Promise<Answer> {
  const { deps, endpoint } = at;
  assertAddressed(addressed, received);
  const message = received.type === "nested" ? await unwrapped(deps, endpoint, received) : received;
  assertHeader(message.header, message.type, deps.clock.now());
  const requester = await authenticate(deps, endpoint, message);
  const issuer = await endpointIssuer(deps, endpoint);
  const exchange: Exchange = { ...at, issuer, message, requester, nonce: randomBytes(16) };
  try {
    const reply = await replyTo(exchange);
    return { message: await answerMessage(exchange, reply), decision: reply.decision };
  } finally {
    if (requester.by === "secret") requester.macKey.key.fill(0);
  }
}

async function replyTo(exchange: Exchange): Promise<Reply> {
  const { type } = exchange.message;
  try {
    const handle = bodies[type];
    if (handle === undefined)
      throw refuse("badRequest", `a message ${type} is not served; served are ${servedBodies.join(", ")} and nested`);
    return await handle(exchange);
  } catch (error) {
    const { info, decision } = refusedBy(error);
    if (decision === "error") exchange.deps.report(error, { function: "cmp", trace: exchange.trace });
    return { type: "error", content: errorContent(info), decision };
  }
}

/** RFC 9483 6.1: a path with an operation takes the messages of that operation. */
function assertAddressed({ operation }: Addressed, { type, content }: PkiMessage): void {
  if (operation === undefined) return;
  if (!operation.types.includes(type))
    throw refuse("badRequest", `this path takes ${operation.types.join(", ")}, not ${type}`);
  const asked = operation.info === undefined ? [] : parseInfoTypes(content, "GenMsgContent").map((info) => info.type);
  if (operation.info !== undefined && (asked.length !== 1 || asked[0] !== operation.info))
    throw refuse("badRequest", `this path is asked for ${operation.info}`);
}

function assertPost(request: Request): void {
  if (request.method !== "POST")
    throw new Failure("method_not_allowed", "CMP messages are sent by POST (RFC 9811 3.1)");
  const type = mediaTypeOf(request.headers);
  if (type !== mediaType) throw new Failure("not_acceptable_media", `send content-type: ${mediaType}`);
}

function statusOf(error: unknown, received: PkiMessage | undefined): number {
  if (!isFailure(error)) return received === undefined ? 500 : 200;
  if (Object.hasOwn(statuses, error.code)) return statuses[error.code as keyof typeof statuses];
  return received === undefined ? 400 : 200;
}

const retryAfter = (error: unknown): Record<string, string> =>
  isFailure(error) && error.retryAfter !== undefined ? { "retry-after": retryAfterSeconds(error.retryAfter) } : {};

const respond = (
  message: Uint8Array,
  status: number,
  traceparent: string,
  more: Readonly<Record<string, string>> = {},
): Response =>
  new Response(message as Uint8Array<ArrayBuffer>, {
    status,
    headers: {
      ...securityHeaders,
      "content-type": mediaType,
      "cache-control": "no-store",
      traceparent,
      ...(status === 405 && { allow: "POST" }),
      ...more,
    },
  });
