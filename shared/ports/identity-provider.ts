/**
 * A provider of OpenID Connect, as sign-in needs it (Core 1.0 3.1, RFC 9700, RFC 9207, Back-Channel Logout 1.0). Nothing is
 * retried. What it remembers of the provider (metadata, keys) has an end, and is asked for again at a bounded rate.
 */

/** What must be kept, by us alone, between sending the browser away and its return. */
export interface Pending {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636 4.1). */
  readonly verifier: string;
  readonly redirectUri: string;
  /** Seconds since 1970: the person must have shown who they are since then. */
  readonly shownSince: number | null;
}

export interface Begun {
  /** Where the browser goes. */
  readonly url: string;
  readonly pending: Pending;
}

/** Who it is, proven: signature, issuer, audience, times, nonce and what is bound to them were right. */
export interface Identified {
  readonly subject: string;
  readonly name: string | null;
  /** The provider's session, where it says one. */
  readonly sid: string | null;
  /** When the person last showed who they are (`auth_time`), milliseconds; null where the provider does not say. */
  readonly shownAt: number | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Of a logout token that is right; at least one of `subject` and `sid` is there. */
export interface LoggedOut {
  readonly subject: string | null;
  readonly sid: string | null;
  readonly jti: string;
  /** Milliseconds since 1970 after which nobody takes the token any more. */
  readonly endsAt: number;
}

/** `again`: the person shows anew who they are; `account`: they choose as whom. */
export type Asking = "quietly" | "again" | "account";

export interface IdentityProvider {
  /** @throws Failure `unavailable` */
  begin(redirectUri: string, asking: Asking): Promise<Begun>;
  /**
   * @param answer the query that the browser came back with
   * @throws Failure `unauthenticated` (it proves nothing), `forbidden` (the provider said no), `unavailable`
   */
  finish(answer: URLSearchParams, pending: Pending): Promise<Identified>;
  /** @throws Failure `malformed` (it is none, or not for us), `unavailable` */
  loggedOut(logoutToken: string): Promise<LoggedOut>;
  /**
   * Where the browser goes to end the provider's own session, which asks the person (RP-Initiated Logout 1.0 2).
   * @param returnTo where it sends the browser afterwards @throws Failure `unavailable`, `not_found` where there is no such place
   */
  endSession(returnTo: string): Promise<string>;
}

/** Which tenant and roles a person gets: the operator's rules for one provider (shared/policy/tenant-mapping.ts). */
export interface TenantMapping {
  readonly groups_claim: string | readonly string[];
  readonly rules: readonly {
    readonly subject?: string | undefined;
    readonly claim?: string | readonly string[] | undefined;
    readonly value?: string | number | boolean | undefined;
    readonly group?: string | undefined;
    readonly tenant: string;
    readonly roles: readonly string[];
  }[];
  readonly default?: { readonly tenant: string; readonly roles: readonly string[] } | undefined;
}

export interface ConfiguredProvider {
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** Signing out here goes on there. */
  readonly signOutThere: boolean;
  readonly mapping: TenantMapping;
  readonly provider: IdentityProvider;
}

/** All that the operator has set up, by id; empty where there is none. */
export type SignInByProvider = ReadonlyMap<string, ConfiguredProvider>;
