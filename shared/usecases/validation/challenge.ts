/** Domain control validation (RFC 8555 8): a row for each method, one question to the world for each call. */
import {
  type AcmeChallengeType,
  acmeChallengeTypes,
  type AcmeIdentifier,
} from "#shared/domain/acme-authorization/acme-authorization";
import type { Egress } from "#shared/ports/egress";
import type { Resolver } from "#shared/ports/resolver";
import { dns01 } from "./dns-01.ts";
import { http01 } from "./http-01.ts";
import { tlsAlpn01 } from "./tls-alpn-01.ts";

export type ChallengeType = AcmeChallengeType;
/** A DNS name without `*.`. */
export type Identifier = AcmeIdentifier;

export interface Challenge {
  readonly type: ChallengeType;
  readonly identifier: Identifier;
  /** base64url. */
  readonly token: string;
  /** `token.thumbprint` (RFC 8555 8.1). */
  readonly keyAuthorization: string;
}

export interface ValidationSettings {
  /** 80 and 443 but in a test profile. */
  readonly ports: { readonly http: number; readonly tls: number };
  /** Issuer domain names by which CAA records mean us (RFC 8659 4.2), lower case. */
  readonly caaIdentities: readonly string[];
}

export interface ValidationDeps {
  readonly egress: Egress;
  readonly resolver: Resolver;
  readonly validation: ValidationSettings;
}

export type Validation = Proven | Unproven;

export interface Proven {
  readonly valid: true;
  /** What was seen, and where: for the audit trail. */
  readonly evidence: string;
}

export interface Unproven {
  readonly valid: false;
  /** RFC 8555 6.7, without its prefix. */
  readonly problem: "connection" | "dns" | "tls" | "incorrectResponse";
  /** For the client's operator: what was asked, what came, what was expected. */
  readonly detail: string;
  /** Asking again in some seconds may go otherwise. */
  readonly transient: boolean;
}

export interface Method {
  /** Which identifiers it can prove. */
  proves(identifier: Identifier, wildcard: boolean): boolean;
  validate(deps: ValidationDeps, challenge: Challenge, privateNetworks: boolean): Promise<Validation>;
}

const methods: Readonly<Record<ChallengeType, Method>> = {
  "http-01": http01,
  "dns-01": dns01,
  "tls-alpn-01": tlsAlpn01,
};

/** What to offer for an identifier, in the order of `acmeChallengeTypes`. */
export const methodsFor = (identifier: Identifier, wildcard: boolean): readonly ChallengeType[] =>
  acmeChallengeTypes.filter((type) => methods[type].proves(identifier, wildcard));

/**
 * Asks once, and never throws for what the other end does.
 * @param privateNetworks the endpoint's opt-in (I11)
 */
export function validateChallenge(
  deps: ValidationDeps,
  challenge: Challenge,
  privateNetworks: boolean,
): Promise<Validation> {
  const method = methods[challenge.type];
  if (!method.proves(challenge.identifier, false))
    throw new TypeError(`validateChallenge: ${challenge.type} proves no ${challenge.identifier.type} identifier`);
  return method.validate(deps, challenge, privateNetworks);
}
