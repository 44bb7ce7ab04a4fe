/** `IdentityProvider` by oauth4webapi (the protocol) and jose (signatures): each judges what it reads, and both must agree. */
import {
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  type Client,
  clockSkew,
  clockTolerance,
  customFetch,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  processAuthorizationCodeResponse,
  ResponseBodyError,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from "oauth4webapi";
import type { ProviderSettings } from "#shared/contracts/config/sign-in";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import type { Clock } from "#shared/ports/clock";
import type { Egress } from "#shared/ports/egress";
import type { Identified, IdentityProvider, Pending } from "#shared/ports/identity-provider";
import { clientAuthentication } from "./client-authentication.ts";
import { type IdTokenCheck, toleranceSeconds, verifiedIdToken } from "./id-token.ts";
import { verifiedLogoutToken } from "./logout-token.ts";
import { providerFetch } from "./provider-traffic.ts";
import { publishedBy } from "./published.ts";

export interface ProviderOptions {
  readonly settings: ProviderSettings;
  readonly secret: SecretBytes | undefined;
  /** PEM. */
  readonly authorities: string | undefined;
}

export interface ProviderDeps {
  readonly egress: Egress;
  readonly clock: Clock;
  /** For one request to a provider; default 8,000. */
  readonly timeoutMs?: number;
}

/** `Ed25519` is the newer name of what `EdDSA` is with such a key (RFC 9864). */
const namesOf = (algorithms: ProviderSettings["id_token_algs"]): readonly string[] =>
  algorithms.flatMap((name) => (name === "EdDSA" ? [name, "Ed25519"] : [name]));

export function openIdProvider(
  { settings, secret, authorities }: ProviderOptions,
  { egress, clock, timeoutMs }: ProviderDeps,
): IdentityProvider {
  const { title, issuer, client_id: clientId } = settings;
  const algorithms = namesOf(settings.id_token_algs);
  const port = Number(new URL(issuer).port || 443);
  const traffic = { title, privateNetworks: settings.private_networks, authorities, port, timeoutMs };
  const fetch = providerFetch(egress, traffic);
  const published = publishedBy({ title, issuer, algorithms }, fetch, clock);
  const authentication = clientAuthentication(settings.client_authentication, secret);
  const check: IdTokenCheck = { issuer, algorithms, clientId, keys: (...given) => published.key(...given), clock };

  /** The library's clock is the system's: it is told how far ours is from that. */
  const client = (again: boolean): Client => ({
    client_id: clientId,
    [clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
    [clockTolerance]: toleranceSeconds,
    ...(again && { require_auth_time: true }),
  });

  async function exchanged(answer: URLSearchParams, pending: Pending): Promise<Identified> {
    const again = pending.shownSince !== null;
    const server = await published.metadata();
    const parameters = validateAuthResponse(server, client(again), answer, pending.state);
    const response = await authorizationCodeGrantRequest(
      server,
      client(again),
      authentication,
      parameters,
      pending.redirectUri,
      pending.verifier,
      { [customFetch]: fetch },
    );
    const { id_token, access_token } = await processAuthorizationCodeResponse(server, client(again), response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    const claims = await verifiedIdToken(id_token as string, access_token, check);
    const shownAt = claims["auth_time"];
    if (again && (typeof shownAt !== "number" || shownAt < (pending.shownSince ?? 0) - toleranceSeconds))
      throw new Error("auth_time is before the person was sent to show who they are");
    return {
      subject: claims.sub as string,
      name: nameOf(claims),
      sid: textOf(claims["sid"]),
      shownAt: typeof shownAt === "number" ? Math.min(shownAt * 1000, clock.now()) : null,
      claims,
    };
  }

  return {
    async begin(redirectUri, asking) {
      const again = asking === "again";
      const { authorization_endpoint, prompt_values_supported: prompts } = await published.metadata();
      const pending = {
        state: generateRandomState(),
        nonce: generateRandomNonce(),
        verifier: generateRandomCodeVerifier(),
        redirectUri,
        shownSince: again ? Math.floor(clock.now() / 1000) : null,
      };
      const url = new URL(authorization_endpoint);
      const asked = {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: settings.scopes.join(" "),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
        ...(again && { prompt: "login", max_age: "0" }),
        ...(asking === "account" && { prompt: choosing(prompts) }),
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return { url: url.href, pending };
    },
    async finish(answer, pending) {
      try {
        return await exchanged(answer, pending);
      } catch (error) {
        throw refusalOf(error, title);
      }
    },
    async endSession(returnTo) {
      const { end_session_endpoint: place } = await published.metadata();
      if (typeof place !== "string" || !place.startsWith("https://"))
        throw new Failure(
          "not_found",
          `you are signed out here; at ${title} sign out yourself, it has no place for it`,
        );
      const url = new URL(place);
      url.searchParams.set("client_id", clientId);
      url.searchParams.set("post_logout_redirect_uri", returnTo);
      return url.href;
    },
    async loggedOut(token) {
      try {
        return await verifiedLogoutToken(token, check);
      } catch (error) {
        if (isFailure(error)) throw error;
        throw new Failure("malformed", "this is no logout token for this client", { cause: error });
      }
    },
  };
}

/** Core 1.0 3.1.2.1. Who says which there are is taken by their word (Initiating User Registration 1.0). */
const choosing = (prompts: unknown): string =>
  Array.isArray(prompts) && !prompts.includes("select_account") ? "login" : "select_account";

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" && value.length <= 500 ? value : null;

/** For people to read; nothing is decided by it. */
const nameOf = (claims: Readonly<Record<string, unknown>>): string | null =>
  textOf(claims["name"]) ?? textOf(claims["preferred_username"]) ?? textOf(claims["email"]);

function refusalOf(error: unknown, title: string): Failure {
  if (isFailure(error)) return error;
  if (error instanceof AuthorizationResponseError)
    return new Failure("forbidden", `${title} did not sign you in (${shownCode(error.error)})`, {
      extensions: { reason: "provider_refused" },
      cause: error,
    });
  const ours =
    error instanceof WWWAuthenticateChallengeError ||
    (error instanceof ResponseBodyError && /^(invalid|unauthorized)_client$/.test(error.error));
  if (ours)
    return new Failure(
      "unavailable",
      `${title} does not know this host; tell whoever runs it that client id or secret are wrong`,
      {
        extensions: { reason: "client_refused" },
        cause: error,
      },
    );
  return new Failure("unauthenticated", `what came from ${title} does not prove who you are, so nobody is signed in`, {
    extensions: { reason: "not_proven" },
    cause: error,
  });
}

/** It comes in a URL: a word of the standard, or nothing of it is repeated. */
const shownCode = (code: string): string => (/^[a-z_]{1,40}$/.test(code) ? code : "no reason that could be read");
