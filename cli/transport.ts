/** One request over TLS with a pinned CA, or over the admin socket. Redirects are not followed, certificates always checked. */
// oxlint-disable-next-line no-restricted-imports -- for the admin socket, which is a file of this machine
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { Failure, type FailureCode } from "#shared/kernel/failure";
import { resolving } from "./loopback-names.ts";

export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @throws Failure `unavailable` when a repetition may help, another code when it cannot; `sent: false` when nothing left */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** Silence on the line for this long ends the request. */
const patience = 60_000;
const largestAnswer = 256 * 1024 * 1024;

interface Trouble {
  readonly code: FailureCode;
  /** @param pinned a root is pinned for it; else the public ones count */
  readonly say: (place: string, pinned: boolean) => string;
  /** The request certainly did not leave. */
  readonly unsent?: true;
  /** Nobody who counts vouches for the certificate. */
  readonly untrusted?: true;
}

const unreachable: Trouble = {
  code: "unavailable",
  say: (place) => `nothing listens at ${place}. Is the host running? Start it with: npm start`,
  unsent: true,
};
const lost: Trouble = {
  code: "unavailable",
  say: (place) => `the connection to ${place} broke before the answer came`,
};
const otherCa: Trouble = {
  code: "misconfigured",
  say: (place, pinned) =>
    pinned
      ? `the host's TLS CA changed: the certificate shown at ${place} is not from the CA pinned for it. Nothing was sent. ` +
        "If you started a host with another data directory there, set TRSTCTL_DATA_DIR (or TRSTCTL_PROFILE) to that one's; " +
        "if whoever runs it renewed the CA, pin the new one: trstctl login --ca-fingerprint <SHA-256 that they tell you> (or TRSTCTL_CA_FILE); " +
        "if neither, something stands between you and the host"
      : `the certificate shown at ${place} is not from a public CA, and no other is known for it. Nothing was sent. ` +
        `trstctl login ${place} shows its CA and pins it; or give its PEM as TRSTCTL_CA_FILE`,
  untrusted: true,
};

/** By `code` of the system or of OpenSSL. */
const troubles: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: unreachable,
  ENOENT: unreachable, // the socket's file
  ECONNRESET: lost,
  EPIPE: lost,
  ETIMEDOUT: lost,
  EACCES: {
    code: "forbidden",
    say: (place) => `you may not open ${place}: host commands are for the user who runs the host`,
  },
  ENOTFOUND: {
    code: "misconfigured",
    say: (place) =>
      `the name of ${place} is not known to DNS: check the url that was given, TRSTCTL_URL or that of the profile`,
  },
  EAI_AGAIN: { code: "unavailable", say: (place) => `DNS does not answer for ${place}`, unsent: true },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: "misconfigured",
    say: (place) =>
      `the host's certificate does not carry the name of ${place}: use a name in the host's TRSTCTL_HOSTNAMES`,
  },
  CERT_HAS_EXPIRED: {
    code: "misconfigured",
    say: (place) => `the TLS certificate of ${place} has expired: restart the host, and check both clocks`,
  },
  CERT_NOT_YET_VALID: {
    code: "misconfigured",
    say: (place) => `the TLS certificate of ${place} is not valid yet: check both clocks`,
  },
  EPROTO: { code: "misconfigured", say: (place) => `${place} does not speak TLS: is this the port of the API?` },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherCa,
  UNABLE_TO_GET_ISSUER_CERT: otherCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherCa,
  SELF_SIGNED_CERT_IN_CHAIN: otherCa,
  DEPTH_ZERO_SELF_SIGNED_CERT: otherCa,
  CERT_SIGNATURE_FAILURE: otherCa,
  CERT_UNTRUSTED: otherCa,
};

const isTlsTrouble = (code: string): boolean => code.startsWith("ERR_SSL_");

function failureOf(error: NodeJS.ErrnoException, place: string, pinned: boolean): Failure {
  if (error instanceof Failure) return error;
  const code = error.code ?? "";
  const trouble = troubles[isTlsTrouble(code) ? "EPROTO" : code];
  return trouble === undefined
    ? new Failure("unavailable", `the request to ${place} failed: ${error.message}`, { cause: error })
    : new Failure(trouble.code, trouble.say(place, pinned), {
        cause: error,
        extensions: { sent: trouble.unsent !== true, untrusted: trouble.untrusted === true },
      });
}

function send(
  open: typeof httpRequest | typeof httpsRequest,
  options: RequestOptions,
  request: WireRequest,
  place: string,
  pinned: boolean,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(failureOf(error, place, pinned));
    const body = request.body === undefined ? {} : { "content-length": String(Buffer.byteLength(request.body)) };
    const outgoing = open(
      {
        ...options,
        method: request.method,
        path: request.path,
        headers: { ...request.headers, ...body },
        timeout: patience,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        let length = 0;
        incoming.on("data", (part: Buffer) => {
          length += part.length;
          if (length > largestAnswer)
            incoming.destroy(new Failure("too_large", `${place} answered more than ${largestAnswer} bytes`));
          else parts.push(part);
        });
        incoming.on("error", fail);
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      },
    );
    outgoing.on("timeout", () =>
      outgoing.destroy(new Failure("unavailable", `${place} did not answer for ${patience / 1000} s`)),
    );
    outgoing.on("error", fail);
    outgoing.end(request.body);
  });
}

/** @param ca PEM of the only root to trust; without it the public roots, which is right for a host behind a public name */
export function httpsTransport(base: URL, ca: string | undefined): Transport {
  // `rejectUnauthorized` is said aloud: NODE_TLS_REJECT_UNAUTHORIZED must not be able to turn it off.
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: [ca] }) });
  const host = base.hostname.replace(/^\[|\]$/g, "");
  const prefix = base.pathname.replace(/\/$/, "");
  return (request) =>
    send(
      httpsRequest,
      { agent, host, ...resolving(host), port: base.port === "" ? 443 : Number(base.port) } as RequestOptions,
      { ...request, path: prefix + request.path },
      base.origin,
      ca !== undefined,
    );
}

export const socketTransport =
  (socketPath: string): Transport =>
  (request) =>
    send(httpRequest, { socketPath, host: "localhost" }, request, socketPath, false);
