/**
 * Events of API Gateway, REST (payload 1.0) and HTTP (payload 2.0), as what our functions take, and their answers back.
 * The Host of a request is the gateway's own affair, which routed by it; what the function sees is the name it is known by.
 */
import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
} from "aws-lambda";
import { fromBase64, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { certificateOf } from "./viewer-certificate.ts";
import type { Peer } from "../function.ts";

export type HttpEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;
export interface HttpResult
  extends Pick<APIGatewayProxyResult, "statusCode" | "multiValueHeaders">,
    Pick<APIGatewayProxyStructuredResultV2, "headers" | "cookies"> {
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Where a request came in, from the settings. */
export interface Site {
  /** `https://host[:port]`, without a path. */
  readonly origin: string;
  /** Only the distribution reaches this API, so that its word on the viewer is true. */
  readonly originLocked: boolean;
}

export interface Received {
  readonly request: Request;
  readonly peer: Peer;
}

/** What API Gateway takes, bytes. */
export const maxRequestBytes = 10 * 1024 * 1024;
/** What a synchronous invocation may answer, bytes of JSON; the rest of the answer has this much room. */
const maxAnswerBytes = 6 * 1024 * 1024;
const roomForHead = 64 * 1024;

/** @throws Failure `malformed` for an event that is none of an API's, `too_large` */
export function received(event: HttpEvent, site: Site): Received {
  const parts = isV2(event) ? partsOfV2(event) : partsOfV1(event);
  const { address, certificatePem, fields } = parts;
  // Behind a locked origin the gateway's own handshake was with the distribution, whoever asks.
  const viewer: Viewer = site.originLocked ? viewerOf(fields) : { certificatePem };
  return {
    request: requestOf(parts, site, bodyOf(event)),
    peer: {
      address: viewer.address ?? address,
      get certificate() {
        return certificateOf(viewer.certificatePem);
      },
    },
  };
}

function requestOf(
  { method, path, query, fields }: EventParts,
  { origin }: Site,
  body: Uint8Array | undefined,
): Request {
  if (untaken.has(method.toUpperCase())) throw new Failure("method_not_allowed", `${method} is not served here`);
  try {
    const headers = new Headers();
    for (const [name, value] of fields)
      if (value !== undefined && !ownHeaders.has(name.toLowerCase())) headers.append(name, value);
    headers.set("host", new URL(origin).host);
    if (body !== undefined) headers.set("content-length", String(body.length));
    return new Request(origin + path + (query === "" ? "" : `?${query}`), {
      method,
      headers,
      ...(body !== undefined && !bodiless.has(method) && { body: body as Uint8Array<ArrayBuffer> }),
    });
  } catch (cause) {
    throw new Failure("malformed", "method, path or header fields are not those of an HTTP request", { cause });
  }
}

/** The platform's Request refuses to be one of these. */
const untaken = new Set(["CONNECT", "TRACE", "TRACK"]);
/** Set by us, or said by the distribution alone. */
const ownHeaders = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "x-trstctl-viewer-address",
  "cloudfront-viewer-address",
  "cloudfront-viewer-cert-pem",
]);
/** The platform's Request takes no body with these; a server of Node drops it too. */
const bodiless = new Set(["GET", "HEAD"]);

interface EventParts {
  readonly method: string;
  /** Begins with a slash; percent-encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly fields: readonly (readonly [name: string, value: string | undefined])[];
  readonly address: string;
  /** Of mutual TLS at the API's own domain: the gateway saw the handshake. */
  readonly certificatePem: string | undefined;
}

const isV2 = (event: HttpEvent): event is APIGatewayProxyEventV2 => "version" in event && event.version === "2.0";

function partsOfV2(event: APIGatewayProxyEventV2): EventParts {
  const { http, stage, authentication } = event.requestContext;
  // In 2.0 several fields of one name come as one, joined by commas; cookies apart.
  const cookie = event.cookies === undefined ? [] : [["cookie", event.cookies.join("; ")] as const];
  return {
    method: http.method,
    path: encoded(withoutStage(event.rawPath, stage)),
    query: event.rawQueryString,
    fields: [...Object.entries(event.headers), ...cookie],
    address: http.sourceIp,
    certificatePem: authentication?.clientCert.clientCertPem,
  };
}

function partsOfV1(event: APIGatewayProxyEvent): EventParts {
  if (typeof event.httpMethod !== "string" || typeof event.path !== "string")
    throw new Failure("malformed", "this function serves events of API Gateway only");
  const many = event.multiValueHeaders ?? {};
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) query.append(name, value);
  const { identity } = event.requestContext;
  return {
    method: event.httpMethod,
    path: encoded(event.path),
    query: query.toString(),
    fields: Object.entries(many).flatMap(([name, values]) => (values ?? []).map((value) => [name, value] as const)),
    address: identity.sourceIp,
    certificatePem: identity.clientCert?.clientCertPem,
  };
}

/** With the API's default host name a stage that is not `$default` stands before every path. */
const withoutStage = (path: string, stage: string): string =>
  stage !== "$default" && (path === `/${stage}` || path.startsWith(`/${stage}/`))
    ? path.slice(stage.length + 1) || "/"
    : path;

/** The gateway has decoded some of it; what is still encoded stays so. */
const encoded = (path: string): string =>
  path
    .replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, (character) => encodeURIComponent(character.toWellFormed()))
    .replace(/%(?![0-9A-Fa-f]{2})/g, "%25");

function bodyOf(event: HttpEvent): Uint8Array | undefined {
  if (event.body === undefined || event.body === null || event.body === "") return undefined;
  const body = event.isBase64Encoded ? fromBase64(event.body) : utf8(event.body);
  if (body.length > maxRequestBytes)
    throw new Failure("too_large", `the body is larger than the ${maxRequestBytes} bytes that the gateway takes`);
  return body;
}

function viewerOf(fields: EventParts["fields"]): Viewer {
  const of = (wanted: string) => fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
  // By our own function at the edge; by CloudFront `203.0.113.7:46532`, `2001:db8::1:46532`.
  const address = of("x-trstctl-viewer-address") ?? /^(.+):\d{1,5}$/.exec(of("cloudfront-viewer-address") ?? "")?.[1];
  const pem = of("cloudfront-viewer-cert-pem");
  return { address, certificatePem: pem };
}

interface Viewer {
  readonly address?: string | undefined;
  readonly certificatePem?: string | undefined;
}

/** Text travels as it is; everything else as base64. */
const textual = /^(text\/|application\/([a-z0-9.-]+\+)?(json|pem-certificate-chain)\b)/;

/** @throws Failure `unprocessable` when it is more than a function may answer */
export async function answered(event: HttpEvent, response: Response): Promise<HttpResult> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isBase64Encoded = !textual.test(response.headers.get("content-type") ?? "");
  const body = Buffer.from(bytes).toString(isBase64Encoded ? "base64" : "utf8");
  if (JSON.stringify(body).length > maxAnswerBytes - roomForHead)
    throw new Failure(
      "unprocessable",
      `the answer has ${bytes.length} bytes, more than a function on AWS may give at once: ask for smaller pages`,
    );
  const cookies = response.headers.getSetCookie();
  const headers = [...response.headers].filter(([name]) => name !== "set-cookie");
  if (isV2(event)) {
    return {
      statusCode: response.status,
      headers: Object.fromEntries(headers),
      ...(cookies.length > 0 && { cookies }),
      body,
      isBase64Encoded,
    };
  }
  return {
    statusCode: response.status,
    multiValueHeaders: {
      ...Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
      ...(cookies.length > 0 && { "set-cookie": cookies }),
    },
    body,
    isBase64Encoded,
  };
}
