/** A provider of OpenID Connect that does as it is told, for better or worse: what it signs and answers is the test's to bend. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { serverIdentity } from "./certificate.ts";

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** What a person shows at the provider, and how the answer is bent. */
export interface Person {
  readonly sub: string;
  readonly claims?: JWTPayload;
  /** The last word on the claims of the ID token. */
  readonly bend?: (claims: JWTPayload) => JWTPayload;
  /** Instead of signing with the current key. */
  readonly sign?: (claims: JWTPayload) => Promise<string> | string;
}

interface Grant {
  readonly person: Person;
  readonly asked: URLSearchParams;
}

export type Bent = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HostileProvider {
  readonly issuer: string;
  /** PEM, for `ca_file`. */
  readonly authority: string;
  /** Method and path of what came. */
  readonly asked: string[];
  /** What it says of itself; to be changed. */
  readonly metadata: Record<string, unknown>;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The published ones; the last one signs. */
  readonly keys: SigningKey[];
  /** Answers instead of it where it returns true. */
  bent: Bent | undefined;
  now: () => number;
  /** As a browser that follows the redirect, and a person who signs in: @returns the query of the redirect back. */
  signIn(url: string, person: Person): URLSearchParams;
  idToken(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  logoutToken(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** From now on somebody else answers at its address, who has no certificate that it had. */
  impersonate(): void;
  stop(): Promise<void>;
}

export async function newSigningKey(kid: string, alg = "RS256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** The public key's PEM as an HMAC secret: what an algorithm confusion takes. */
export const publicPem = async ({ publicKey }: SigningKey): Promise<Uint8Array> =>
  new TextEncoder().encode(await exportSPKI(publicKey));

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = "";
  for await (const part of request) text += String(part);
  return new URLSearchParams(text);
};

export async function startHostileProvider(host = "idp.test"): Promise<HostileProvider> {
  const { key, cert } = identityOf(host);
  const grants = new Map<string, Grant>();
  const asked: string[] = [];
  let codes = 0;

  const server: Server = createServer({ key, cert }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (self.bent?.(request, response) === true) return;
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `https://${host}:${(server.address() as AddressInfo).port}`;
  const clientId = "trstctl";
  const clientSecret = "a client's secret / with % signs";

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (body: unknown, status = 200): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/.well-known/openid-configuration") return json(self.metadata);
    if (request.url === "/keys") return json({ keys: self.keys.map(({ jwk }) => jwk) });
    if (request.url !== "/token" || request.method !== "POST") return json({ error: "not_found" }, 404);
    const form = await formOf(request);
    const code = form.get("code") ?? "";
    const grant = grants.get(code);
    grants.delete(code);
    const basic = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    const known = basic === [clientId, clientSecret].map(formEncoded).join(":");
    if (!known) return json({ error: "invalid_client" }, 401);
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const right =
      grant !== undefined &&
      grant.asked.get("code_challenge") === challenge &&
      grant.asked.get("redirect_uri") === form.get("redirect_uri");
    if (!right) return json({ error: "invalid_grant" }, 400);
    const { person } = grant;
    const time = Math.floor(self.now() / 1000);
    const usual = {
      iss: issuer,
      aud: clientId,
      sub: person.sub,
      nonce: grant.asked.get("nonce") ?? "",
      iat: time,
      exp: time + 300,
      ...person.claims,
    };
    const claims = person.bend?.(usual) ?? usual;
    json({
      access_token: `access-${code}`,
      token_type: "Bearer",
      id_token: await (person.sign?.(claims) ?? self.idToken(claims)),
    });
  }

  const self: HostileProvider = {
    issuer,
    authority: cert,
    asked,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
      authorization_response_iss_parameter_supported: true,
    },
    clientId,
    clientSecret,
    keys: [{ ...(await firstKeyOf(host)) }],
    bent: undefined,
    now: () => Date.now(),
    signIn(url, person) {
      const code = `code-${++codes}`;
      const query = new URL(url).searchParams;
      grants.set(code, { person, asked: query });
      return new URLSearchParams({ code, state: query.get("state") ?? "", iss: issuer });
    },
    idToken(claims, header = {}) {
      const signing = self.keys.at(-1);
      if (signing === undefined) throw new Error("there is no key");
      const { alg, kid, privateKey } = signing;
      return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    },
    logoutToken: (claims, header = {}) => self.idToken(claims, { typ: "logout+jwt", ...header }),
    impersonate: () => server.setSecureContext(serverIdentity(host)),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return self;
}

/** Made once for each name: that takes longer than a test. */
const made = <T>(make: (host: string) => T): ((host: string) => T) => {
  const all = new Map<string, T>();
  return (host) => {
    const found = all.get(host) ?? make(host);
    all.set(host, found);
    return found;
  };
};
const identityOf = made((host) => serverIdentity(host));
const firstKeyOf = made(() => newSigningKey("first"));

/** RFC 6749 2.3.1: as a form has it, before it goes into Basic. */
const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
