import { isFailure } from "#shared/kernel/failure";
import type { Egress, GetOptions, SendOptions, Unreached } from "#shared/ports/egress";
import type { Resolver } from "#shared/ports/resolver";
import { type Answered, askOnce, handshakeOnce, isLiteral, portOf, unreached } from "./connection.ts";
import { canonicalAddress, destinationProblem } from "./destination.ts";

export interface EgressOptions {
  readonly resolver: Resolver;
  /** The operator's list of private networks that an endpoint may opt in to, CIDR. */
  readonly cidrs: readonly string[];
  /** Calls in work at once; above that, `busy`. Default 1,024: more than all that ask can have in work together (I8). */
  readonly maxConcurrent?: number;
}

/** Of a name with more addresses, so many are tried, one after the other: AAAA first. */
const maxAddresses = 4;
const redirects = new Set([301, 302, 303, 307, 308]);

type Addresses = { readonly reached: true; readonly addresses: readonly string[] } | Unreached;

export function directEgress({ resolver, cidrs, maxConcurrent = 1_024 }: EgressOptions): Egress {
  let inWork = 0;

  async function bounded<T>(work: () => Promise<T | Unreached>): Promise<T | Unreached> {
    if (inWork >= maxConcurrent) return unreached("busy", "too many outbound connections at once; try again");
    inWork++;
    try {
      return await work();
    } finally {
      inWork--;
    }
  }

  /** Resolves once and judges: only what comes out of here is connected to. */
  async function permitted(host: string, privateNetworks: boolean): Promise<Addresses> {
    const literal = host.replace(/^\[|\]$/g, "");
    let found: readonly string[];
    try {
      found = isLiteral(host) || literal.includes(":") ? [literal] : (await resolver.addresses(host)).records;
    } catch (error) {
      if (isFailure(error, "unavailable")) return unreached("dns", error.message);
      throw error;
    }
    if (found.length === 0) return unreached("dns", `${host} has no address`);
    const judged = found.map((text) => {
      const address = canonicalAddress(text);
      const problem =
        address === undefined ? `${text} is no address` : destinationProblem(address, { cidrs, privateNetworks });
      return { address, problem };
    });
    const addresses = judged.flatMap(({ address, problem }) =>
      address !== undefined && problem === undefined ? [address] : [],
    );
    if (addresses.length === 0)
      return unreached("refused", `${host}: ${judged.flatMap(({ problem }) => problem ?? []).join("; ")}`);
    return { reached: true, addresses: addresses.slice(0, maxAddresses) };
  }

  /** The next address is tried when there is no connection to one; each has its share of the time that is left. */
  async function firstOf<T extends { readonly reached: true }>(
    addresses: readonly string[],
    endMs: number,
    attempt: (address: string, signal: AbortSignal) => Promise<T | Unreached>,
  ): Promise<(T & { readonly address: string }) | Unreached> {
    let last: Unreached = unreached("connection", "no time left");
    for (const [at, address] of addresses.entries()) {
      const left = endMs - performance.now();
      if (left <= 0) break;
      const result = await attempt(address, AbortSignal.timeout(Math.ceil(left / (addresses.length - at))));
      if (result.reached) return { ...result, address };
      last = result;
      if (result.why !== "connection") break;
    }
    return last;
  }

  async function get(first: string, options: GetOptions): ReturnType<Egress["get"]> {
    const endMs = performance.now() + options.timeoutMs;
    const start = URL.parse(first);
    if (start === null) return unreached("refused", `${first} is no URL`);
    let url: URL = start;
    for (let hops = 0; ; hops++) {
      const problem = urlProblem(url, options.ports);
      if (problem !== undefined) return unreached("refused", problem);
      const here = url;
      const found = await permitted(here.hostname, options.privateNetworks);
      if (!found.reached) return found;
      const answered = await firstOf<Answered>(found.addresses, endMs, (address, signal) =>
        askOnce({ url: here, address, signal, maxBytes: options.maxBytes, anyCertificate: options.anyCertificate }),
      );
      if (!answered.reached) return answered;
      const { status, location, body, address } = answered;
      if (!redirects.has(status) || location === undefined)
        return { reached: true, status, body, url: here.href, address };
      if (hops >= options.maxRedirects)
        return unreached("response", `${first}: more than ${options.maxRedirects} redirects`);
      const next = URL.parse(location, here.href);
      if (next === null) return unreached("response", `${here.href}: redirects to what is no URL`);
      url = next;
    }
  }

  async function send(text: string, options: SendOptions): ReturnType<Egress["send"]> {
    const endMs = performance.now() + options.timeoutMs;
    const url = URL.parse(text);
    if (url === null) return unreached("refused", `${text} is no URL`);
    const problem = urlProblem(url, options.ports);
    if (problem !== undefined) return unreached("refused", problem);
    const found = await permitted(url.hostname, options.privateNetworks);
    if (!found.reached) return found;
    const { method, headers, body: content, maxBytes, authorities } = options;
    const asked = { url, method, headers, content, maxBytes, authorities, anyCertificate: false };
    const answered = await firstOf<Answered>(found.addresses, endMs, (address, signal) =>
      askOnce({ ...asked, address, signal }),
    );
    if (!answered.reached) return answered;
    return {
      reached: true,
      status: answered.status,
      headers: answered.headers,
      body: answered.body,
      address: answered.address,
    };
  }

  return {
    get: (url, options) => bounded(() => get(url, options)),
    send: (url, options) => bounded(() => send(url, options)),
    handshake: ({ host, port, serverName, alpn, privateNetworks, timeoutMs }) =>
      bounded(async () => {
        const endMs = performance.now() + timeoutMs;
        const found = await permitted(host, privateNetworks);
        if (!found.reached) return found;
        return firstOf(found.addresses, endMs, (address, signal) =>
          handshakeOnce({ address, port, serverName, alpn, signal }),
        );
      }),
  };
}

function urlProblem(url: URL, ports: GetOptions["ports"]): string | undefined {
  const allowed = url.protocol === "http:" ? ports.http : url.protocol === "https:" ? ports.https : undefined;
  if (allowed === undefined) return `${url.protocol.slice(0, 16)} is not http or https`;
  if (!allowed.includes(portOf(url)))
    return `${url.origin}: port ${portOf(url)} is not allowed for ${url.protocol.slice(0, -1)}, only ${allowed.join(", ")}`;
  if (url.username !== "" || url.password !== "") return `${url.origin}: a URL with user or password is not followed`;
  return undefined;
}
