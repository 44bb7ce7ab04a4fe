/** What a provider publishes of itself: its metadata (Discovery 1.0) and its keys (RFC 7517). */
import {
  createLocalJWKSet,
  type CryptoKey,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from "jose";
import { type AuthorizationServer, customFetch, discoveryRequest, processDiscoveryResponse } from "oauth4webapi";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import { keep } from "./kept.ts";
import type { ProviderFetch } from "./provider-traffic.ts";

/** So long both are used, and so often at most asked for; milliseconds. */
export const publishedMs = { use: 600_000, between: 10_000 } as const;

export interface Described {
  readonly title: string;
  readonly issuer: string;
  /** As `alg` has them. */
  readonly algorithms: readonly string[];
}

export interface Published {
  /** Its `id_token_signing_alg_values_supported` are ours, whatever it announces. */
  metadata(): Promise<AuthorizationServer & Required<Pick<AuthorizationServer, Needed>>>;
  /** For `jwtVerify`. An unknown `kid` has the keys fetched again: they rotate. */
  key(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey>;
}

const needed = ["authorization_endpoint", "token_endpoint", "jwks_uri"] as const;
type Needed = (typeof needed)[number];

export function publishedBy({ title, issuer, algorithms }: Described, fetch: ProviderFetch, clock: Clock): Published {
  const times = { clock, forMs: publishedMs.use, betweenMs: publishedMs.between };

  /** The person learns that it does not work, the operator why. */
  const wrong = (detail: string, cause?: unknown): Failure =>
    new Failure("unavailable", `${title} does not answer as it should; tell whoever runs this host`, {
      retryAfter: 60,
      extensions: { reason: "provider_wrong" },
      cause: new Error(`${issuer}: ${detail}`, { cause }),
    });

  const metadata = keep(async () => {
    let found: AuthorizationServer;
    try {
      const expected = new URL(issuer);
      const response = await discoveryRequest(expected, { algorithm: "oidc", [customFetch]: fetch });
      found = await processDiscoveryResponse(expected, response);
    } catch (error) {
      if (isFailure(error)) throw error;
      throw wrong("its discovery document cannot be used", error);
    }
    if (found.issuer !== issuer)
      throw wrong(`calls itself ${JSON.stringify(found.issuer)}: set \`issuer\` to exactly that`);
    const lacking = needed.filter((name) => !String(found[name]).startsWith("https://"));
    if (lacking.length > 0) throw wrong(`its discovery document has no https:// URL as ${lacking.join(", ")}`);
    return { ...found, id_token_signing_alg_values_supported: [...algorithms] } as Awaited<
      ReturnType<Published["metadata"]>
    >;
  }, times);

  const keys = keep(async () => {
    const { jwks_uri } = await metadata.current();
    const response = await fetch(jwks_uri, { headers: { accept: "application/jwk-set+json, application/json" } });
    if (response.status !== 200) throw wrong(`${jwks_uri} answered ${response.status}`);
    try {
      return createLocalJWKSet((await response.json()) as JSONWebKeySet);
    } catch (error) {
      throw wrong(`${jwks_uri} has no key set`, error);
    }
  }, times);

  return {
    metadata: () => metadata.current(),
    async key(header, token) {
      try {
        return await (await keys.current())(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return (await keys.renewed())(header, token);
      }
    },
  };
}
