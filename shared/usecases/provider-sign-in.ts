/**
 * Signing in by an identity provider: what is kept while the browser is away, and the session it comes back to. Nothing
 * from the browser chooses the tenant; what it brings is good once, in ten minutes, from the browser that was sent away.
 */
import { constantTimeEqual } from "#shared/crypto/equal";
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { mapToTenant } from "#shared/policy/tenant-mapping";
import type { Directory } from "#shared/ports/directory";
import type {
  Asking,
  ConfiguredProvider,
  Identified,
  Pending,
  SignInByProvider,
} from "#shared/ports/identity-provider";
import { renewSession } from "./renew-session.ts";
import type { Session, SessionDeps } from "./session-store.ts";
import { openSession, scopesOf, type SignedIn } from "./sessions.ts";

export interface ProviderSignInDeps extends SessionDeps {
  readonly directory: Directory;
  readonly systemTenant: string;
  readonly signIn: SignInByProvider;
  readonly publicUrl: string;
}

/** How long a person may take at the provider, milliseconds. */
export const transactionMs = 10 * 60_000;

/** Who must come back from a step-up, and the session that is renewed by it. */
type Same = Pick<Session, "tenant" | "subject" | "id">;

interface Transaction {
  readonly provider: string;
  /** Hash of what only this browser has. */
  readonly browser: string;
  readonly pending: Pending;
  /** A path of our own. */
  readonly returnTo: string;
  readonly same: Same | null;
}

export interface BeginCommand {
  readonly provider: string;
  readonly returnTo: string;
  readonly asking: Asking;
  /** Who is signed in, for a step-up. */
  readonly current?: SignedIn | undefined;
}

/** @returns where to send the browser, and what it must have when it is back @throws Failure `not_found`, `unavailable` */
export async function beginSignIn(
  deps: ProviderSignInDeps,
  { provider: id, returnTo, asking, current }: BeginCommand,
): Promise<{ readonly url: string; readonly browserSecret: string }> {
  const { provider } = providerOf(deps, id);
  const { url, pending } = await provider.begin(redirectUriOf(deps, id), asking);
  const browserSecret = base64url(randomBytes(32));
  const same = current === undefined ? null : sameOf(current);
  const transaction: Transaction = { provider: id, browser: sha256Hex(browserSecret), pending, returnTo, same };
  await deps.shortLived.put(deps.systemTenant, keptAs(pending.state), JSON.stringify(transaction), transactionMs);
  return { url, browserSecret };
}

export interface FinishCommand {
  readonly provider: string;
  /** The query that the browser came back with. */
  readonly answer: URLSearchParams;
  /** What it says it was given when it was sent away; one of them must be right. */
  readonly browserSecrets: readonly string[];
}

export interface FinishedSignIn {
  /** Of the new session. */
  readonly cookie: string;
  readonly returnTo: string;
}

/** @throws Failure `unauthenticated`, `forbidden`, `unavailable`, `not_found`; then nobody is signed in */
export async function finishSignIn(
  deps: ProviderSignInDeps,
  { provider: id, answer, browserSecrets }: FinishCommand,
): Promise<FinishedSignIn> {
  const configured = providerOf(deps, id);
  const { pending, returnTo, same } = await takenTransaction(deps, id, answer, browserSecrets);
  const provenAt = deps.clock.now();
  const identified = await configured.provider.finish(answer, pending);
  const wanted = await sessionFor(deps, configured, identified);
  if (same !== null && (same.tenant !== wanted.tenant || same.subject !== wanted.subject))
    throw new Failure("forbidden", "somebody else signed in than who was asked to confirm; nothing has changed", {
      extensions: { reason: "another_person" },
    });
  if (same === null) return { cookie: await openSession(deps, { ...wanted, provenAt }), returnTo };
  const { roles, scopes, ...proof } = wanted;
  return { cookie: await renewSession(deps, same.id, { ...proof, provenAt, granted: { roles, scopes } }), returnTo };
}

const sameOf = ({ session: { tenant, subject, id } }: SignedIn): Same => ({ tenant, subject, id });

/** Single use, whatever comes of it. */
async function takenTransaction(
  { shortLived, systemTenant }: ProviderSignInDeps,
  provider: string,
  answer: URLSearchParams,
  browserSecrets: readonly string[],
): Promise<Transaction> {
  const states = answer.getAll("state");
  const [state = ""] = states;
  const body = states.length === 1 ? await shortLived.take(systemTenant, keptAs(state)) : undefined;
  if (body === undefined)
    throw refused("unknown_state", "this sign-in was used already, or began more than ten minutes ago; begin anew");
  const transaction = JSON.parse(body) as Transaction;
  const known = browserSecrets.some((secret) => constantTimeEqual(utf8(sha256Hex(secret)), utf8(transaction.browser)));
  if (!known)
    throw refused("another_browser", "this sign-in began in another browser, or cookies are off; begin it in this one");
  if (transaction.provider !== provider)
    throw refused("another_provider", "this sign-in began with another provider; begin anew");
  return transaction;
}

async function sessionFor(
  { directory, systemTenant }: ProviderSignInDeps,
  { id, title, mapping }: ConfiguredProvider,
  identified: Identified,
) {
  const { tenant, roles } = mapToTenant(mapping, identified, title);
  if (tenant === systemTenant || (await directory.resolve("tenant", tenant)) === undefined)
    throw new Failure("forbidden", `you belong to tenant ${tenant}, which is not here; ask whoever runs this host`, {
      extensions: { reason: "no_such_tenant" },
    });
  const subject = subjectOf(id, identified.subject);
  const { name, sid, shownAt } = identified;
  // Silence about it is no proof that it was just now: the first act that asks for it sends the person back.
  const authenticatedAt = shownAt ?? 0;
  const scopes = scopesOf(roles);
  return { tenant, subject, name, method: "oidc" as const, provider: id, sid, roles, scopes, authenticatedAt };
}

/** What a member's id may be. */
const plain = /^[A-Za-z0-9._@-][A-Za-z0-9._@:-]*$/;
const maxSubject = 120;

/**
 * `<provider>:<sub>`: a provider speaks for its own people alone, and none of them is a token's or another one's subject.
 * What is no id of ours stands there as its hash, after a second colon.
 */
export function subjectOf(provider: string, sub: string): string {
  const text = `${provider}:${sub}`;
  return plain.test(sub) && text.length <= maxSubject ? text : `${provider}::${sha256Hex(sub)}`;
}

export const redirectUriOf = ({ publicUrl }: Pick<ProviderSignInDeps, "publicUrl">, provider: string): string =>
  `${publicUrl}/auth/oidc/${provider}/callback`;

/** @throws Failure `not_found` */
export function providerOf({ signIn }: Pick<ProviderSignInDeps, "signIn">, id: string): ConfiguredProvider {
  const found = signIn.get(id);
  if (found === undefined)
    throw new Failure("not_found", "there is no such provider here; go back to the sign-in page");
  return found;
}

const keptAs = (state: string): string => `oidc/sign-in/${sha256Hex(state)}`;

const refused = (reason: string, detail: string): Failure =>
  new Failure("unauthenticated", detail, { extensions: { reason } });
