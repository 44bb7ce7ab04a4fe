/** How browser sessions are kept: in one list for each tenant, under an id that is no secret; of the secret only its hash. */
import { constantTimeEqual } from "#shared/crypto/equal";
import { sha256, sha256Hex } from "#shared/crypto/hash";
import { newId, randomBytes } from "#shared/crypto/random";
import { base64url, fromHex } from "#shared/kernel/bytes";
import { isTenantId } from "#shared/kernel/ids";
import type { ShortLived, ShortLivedName } from "#shared/ports/short-lived";
import type { Deps } from "./deps.ts";

export interface SessionDeps extends Pick<Deps, "log" | "clock"> {
  readonly shortLived: ShortLived;
}

/** How long a session lives, milliseconds. */
export const sessionLifetimes = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000 } as const;

export interface Session {
  /** Stays the same when the person shows again who they are; says when it was opened (UUID version 7). */
  readonly id: string;
  readonly tenant: string;
  readonly subject: string;
  /** For people; from the identity provider. */
  readonly name: string | null;
  readonly method: "local" | "oidc";
  /** Name of the identity provider, as in its routes; null where there was none. */
  readonly provider: string | null;
  /** The provider's name for its own session (OpenID Connect `sid`), for what it ends. */
  readonly sid: string | null;
  /** Of who is no member: what sign-in granted. A member's own roles count instead. */
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** How often the member was offboarded when it was opened: one of another generation is over. */
  readonly generation: number;
  readonly openedAt: number;
  /** When the person last showed who they are, milliseconds. */
  readonly authenticatedAt: number;
  readonly endsAt: number;
  readonly seenAt: number;
}

/** As it stands in the store; `text` is what a replacement compares. */
export interface KeptSession {
  readonly session: Session;
  readonly secretHash: string;
  readonly text: string;
}

/** The value of a session's cookie, `<tenant>.<id>.<secret>`: tenant and id only find what the secret's hash opens. */
export interface SessionCookie {
  readonly tenant: string;
  readonly id: string;
  readonly secret: string;
}

const shape = /^([a-z0-9][a-z0-9-]{0,62})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

/** @returns undefined for what nobody was given */
export function sessionCookieOf(text: string): SessionCookie | undefined {
  const [, tenant, id, secret] = shape.exec(text) ?? [];
  if (tenant === undefined || id === undefined || secret === undefined || !isTenantId(tenant)) return undefined;
  return { tenant, id, secret };
}

export const newSessionId = (now: number): string => newId(now);
export const newSessionSecret = (): string => base64url(randomBytes(32));
export const cookieText = ({ tenant, id, secret }: SessionCookie): string => `${tenant}.${id}.${secret}`;

export const keptUnder = (id: string): ShortLivedName => ({ list: "session", key: id });

/** @returns its body in the store */
export const keptText = (session: Session, secret: string): string =>
  JSON.stringify({ session, secretHash: sha256Hex(secret) });

export const keptSession = (text: string): KeptSession => ({
  ...(JSON.parse(text) as Omit<KeptSession, "text">),
  text,
});

/** @returns undefined unless the cookie opens it, and while it lives */
export async function keptOf(
  { shortLived, clock }: SessionDeps,
  cookie: SessionCookie,
): Promise<KeptSession | undefined> {
  const text = await shortLived.get(cookie.tenant, keptUnder(cookie.id));
  if (text === undefined) return undefined;
  const kept = keptSession(text);
  if (!constantTimeEqual(sha256(cookie.secret), fromHex(kept.secretHash))) return undefined;
  return kept.session.endsAt <= clock.now() ? undefined : kept;
}

/** How long it may stay in the store from now on. */
export const leftOf = ({ endsAt }: Session, now: number): number => Math.min(sessionLifetimes.idleMs, endsAt - now);
