/** Who enrols (RFC 7030 3.2.3, 3.3.2): by HTTP Basic, by bearer token, by TLS client certificate. */
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { checkCredential } from "#shared/usecases/enrolment-credentials";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { assertTokenOpens } from "#shared/usecases/enrolment-token";
import type { Present } from "#shared/usecases/load";
import type { BoundDeps, Peer } from "../function.ts";

export interface Client {
  /** For the audit trail. */
  readonly subject: string;
  readonly credential?: Present<"enrolment-credential">;
  /** Whose names are all that it may enrol for: a certificate speaks for itself alone. */
  readonly certificate?: Present<"certificate">;
}

/**
 * For `WWW-Authenticate`: the one scheme that EST clients know (RFC 7030 3.2.3) where the endpoint takes it, else the other.
 * Both in one field are legal, and more than Bouncy Castle's client reads. @returns undefined where HTTP has none that helps
 */
export function challengeOf({ state }: Endpoint): string | undefined {
  if (state.auth.includes("secret")) return 'Basic realm="est", charset="UTF-8"';
  return state.auth.includes("token") ? 'Bearer realm="est"' : undefined;
}

/** What `Authorization` says is what counts: who sends a wrong secret is not let in by something else. */
export async function authenticate(deps: BoundDeps, endpoint: Endpoint, headers: Headers, peer: Peer): Promise<Client> {
  const authorization = headers.get("authorization");
  if (authorization === null) return byCertificate(deps, endpoint, peer);
  const { auth } = endpoint.state;
  const [, scheme = ""] = /^([A-Za-z]+) /.exec(authorization) ?? [];
  if (/^basic$/i.test(scheme) && auth.includes("secret")) return byBasic(deps, endpoint, authorization);
  if (/^bearer$/i.test(scheme) && auth.includes("token")) return byToken(deps, endpoint, headers);
  throw new Failure("unauthenticated", `this endpoint does not take this kind of Authorization; ${waysIn(endpoint)}`);
}

/** @throws Failure `unauthenticated` without a TLS client certificate, or with one that is not ours, not valid, or revoked */
export async function byCertificate(
  deps: BoundDeps,
  endpoint: Endpoint,
  peer: Peer,
): Promise<Client & { readonly certificate: Present<"certificate"> }> {
  if (peer.certificate === undefined) throw new Failure("unauthenticated", `not authenticated; ${waysIn(endpoint)}`);
  if (!endpoint.state.auth.includes("certificate"))
    throw new Failure("unauthenticated", `this endpoint does not take client certificates; ${waysIn(endpoint)}`);
  const certificate = await presentedCertificate(deps, endpoint, peer.certificate);
  return { subject: `est:certificate/${certificate.id}`, certificate };
}

async function byBasic(deps: BoundDeps, endpoint: Endpoint, authorization: string): Promise<Client> {
  const [, encoded = ""] = /^\S+ +([A-Za-z0-9+/=]{1,400})$/.exec(authorization) ?? [];
  const [, id, secret] = /^([^:]{1,100}):(.*)$/s.exec(Buffer.from(fromBase64(encoded)).toString("utf8")) ?? [];
  if (id === undefined || secret === undefined)
    throw new Failure("unauthenticated", "Authorization: Basic is base64 of <credential id>:<secret> (RFC 7617 2)");
  const credential = await checkCredential(deps, endpoint, id, secret);
  return { subject: `est:credential/${id}`, credential };
}

async function byToken(deps: BoundDeps, endpoint: Endpoint, headers: Headers): Promise<Client> {
  const principal = await deps.authenticate(headers);
  assertTokenOpens(endpoint, principal);
  return { subject: `est:token/${principal.subject}` };
}

const ways = {
  secret: "HTTP Basic with <credential id>:<secret>",
  token: "Authorization: Bearer <API token with certs:request>",
  certificate: "a TLS client certificate, on the port for mTLS",
} as const;

function waysIn({ state }: Endpoint): string {
  const known = state.auth.flatMap((auth) => (auth === "open" ? [] : [ways[auth]]));
  return known.length === 0 ? "nobody enrols here by EST" : `it takes ${known.join(", or ")}`;
}
