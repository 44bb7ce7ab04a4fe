/** Requests of the OAuth library as requests of the port Egress: its `fetch` is ours, and no other one is ever called. */
import { Failure } from "#shared/kernel/failure";
import type { Egress } from "#shared/ports/egress";

/** Discovery, keys, tokens: some ten thousand octets each. */
const maxBytes = 262_144;
/** For all of one request, milliseconds. A person is waiting, and so is a place in the pool. */
const usualTimeoutMs = 8_000;

export interface TrafficOptions {
  readonly title: string;
  readonly privateNetworks: boolean;
  /** PEM. */
  readonly authorities: string | undefined;
  /** The issuer's own port, beside 443. */
  readonly port: number;
  readonly timeoutMs?: number | undefined;
}

export type ProviderFetch = (
  url: string,
  options: { readonly method?: string; readonly headers?: unknown; readonly body?: unknown },
) => Promise<Response>;

/** Statuses whose Response may have no body (Fetch 2.2.3); the library takes none of them for an answer. */
const bodiless = new Set([101, 103, 204, 205, 304]);

/** @throws Failure `unavailable`, whose cause says to the operator what the person need not know */
export function providerFetch(egress: Egress, options: TrafficOptions): ProviderFetch {
  const { title, privateNetworks, authorities, port, timeoutMs = usualTimeoutMs } = options;
  const ports = { http: [], https: [...new Set([443, port])] };
  const gone = (detail: string): Failure =>
    new Failure("unavailable", `${title} cannot be reached now; try again in a minute`, {
      retryAfter: 60,
      extensions: { reason: "provider_unreachable" },
      cause: new Error(detail),
    });
  return async (url, { method = "GET", headers, body }) => {
    if (method !== "GET" && method !== "POST") throw new TypeError(`providerFetch: ${method} is not used here`);
    const answer = await egress.send(url, {
      method,
      headers: Object.fromEntries(new Headers(headers as ConstructorParameters<typeof Headers>[0]).entries()),
      ...(body !== undefined && body !== null && { body: String(body as URLSearchParams) }),
      ports,
      privateNetworks,
      authorities,
      maxBytes,
      timeoutMs,
    });
    if (!answer.reached) throw gone(answer.detail);
    // What a server answers that has no time; not its judgement of what was asked.
    if (answer.status === 429 || answer.status >= 500) throw gone(`${new URL(url).origin} answered ${answer.status}`);
    if (answer.status < 200 || answer.status > 599) throw gone(`${new URL(url).origin} answered ${answer.status}`);
    const text = bodiless.has(answer.status) ? null : new Uint8Array(answer.body);
    return new Response(text, { status: answer.status, headers: readable(answer.headers) });
  };
}

/** The only ones that the library looks at; a peer's others need not be right. */
function readable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    ["content-type", "www-authenticate"].flatMap((name) => {
      const value = headers[name];
      return value === undefined || /[^\t\x20-\x7e]/.test(value) ? [] : [[name, value] as const];
    }),
  );
}
