/** HTTP Challenge (RFC 8555 8.3; IP addresses: RFC 8738 4). */
import type { Egress } from "#shared/ports/egress";
import type { Identifier, Method, ValidationDeps } from "./challenge.ts";
import { unproven, unreachedProblem } from "./unproven.ts";

const timeoutMs = 10_000;
/** A key authorization has fewer than 200 octets; the rest is room for white space. */
const maxBytes = 4_096;
const maxRedirects = 10;

/** What is served for the token; also the look whether anybody serves anything (`choose-method.ts`). */
export async function getForHttp01(
  { egress, validation: { ports } }: ValidationDeps,
  { value }: Identifier,
  token: string,
  privateNetworks: boolean,
): ReturnType<Egress["get"]> {
  const host = value.includes(":") ? `[${value}]` : value;
  const url = URL.parse(`http://${host}:${ports.http}/.well-known/acme-challenge/${token}`);
  // A URL's host is another thing than a name: `0x7f000001` is an address there, `www.0x7f` no host at all.
  if (url?.hostname !== host)
    return {
      reached: false,
      why: "refused",
      detail: `${value} cannot be the host of a URL; it can be proven by dns-01`,
    };
  return egress.get(url.href, {
    privateNetworks,
    timeoutMs,
    maxBytes,
    maxRedirects,
    ports: { http: [ports.http], https: [ports.tls] },
    // The name's server chose where to send us; who answers there need not have a certificate yet (RFC 8555 8.3).
    anyCertificate: true,
  });
}

/** Where a name or a redirect leads the client chooses, and we may be the only one to read there: no page is quoted. */
const shown = (body: string): string =>
  /^[A-Za-z0-9_-]{1,100}\.[A-Za-z0-9_-]{1,100}$/.test(body)
    ? JSON.stringify(body)
    : `${body.length} octets that are no key authorization`;

export const http01: Method = {
  proves: (_identifier, wildcard) => !wildcard,
  async validate(deps, { identifier, token, keyAuthorization }, privateNetworks) {
    const answer = await getForHttp01(deps, identifier, token, privateNetworks);
    if (!answer.reached) return unreachedProblem(answer);
    const where = `${answer.url} (${answer.address})`;
    if (answer.status !== 200)
      return unproven(
        "incorrectResponse",
        `${where}: expected status 200, got ${answer.status}`,
        answer.status === 404 || answer.status >= 500,
      );
    // "The server SHOULD ignore whitespace characters at the end of the body."
    // One character for each octet: what is no ASCII is no key authorization either.
    const body = Buffer.from(answer.body)
      .toString("latin1")
      .replace(/[ \t\r\n\f\v]+$/, "");
    if (body !== keyAuthorization)
      return unproven(
        "incorrectResponse",
        `${where}: expected the key authorization ${keyAuthorization}, got ${shown(body)}`,
        false,
      );
    return { valid: true, evidence: where };
  },
};
