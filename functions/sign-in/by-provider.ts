/** The two ends of a sign-in by a provider: the browser is sent away, and comes back (OpenID Connect Core 1.0 3.1). */
import type { Answer } from "#shared/http/answer";
import { sessionCookie } from "#shared/http/session-cookie";
import { readTransactionCookie, transactionCookie } from "#shared/http/transaction-cookie";
import { Failure } from "#shared/kernel/failure";
import { clientNetwork } from "#shared/pki/ip";
import { beginSignIn, finishSignIn, providerOf } from "#shared/usecases/provider-sign-in";
import { ownPath } from "./return-to.ts";
import type { Exchange } from "./route.ts";
import { signedIn } from "./session.ts";

/** `GET /auth/oidc/<provider>/start?return_to=/path[&step_up=1 | &choose=1]` */
export async function begin(exchange: Exchange): Promise<Answer> {
  const { deps, request, url, provider } = exchange;
  const { publicUrl } = deps;
  providerOf(deps, provider);
  assertRate(exchange);
  const returnTo = ownPath(url.searchParams.get("return_to"), publicUrl);
  const stepUp = url.searchParams.get("step_up") === "1";
  const choose = url.searchParams.get("choose") === "1";
  // The redirect URI is at the public URL, so cookies must be: a browser that came by another of our names goes there first.
  if (url.origin !== publicUrl && url.searchParams.get("moved") !== "1") {
    const moved = new URL(`${url.pathname}${url.search}`, publicUrl);
    moved.searchParams.set("moved", "1");
    return redirect(moved.href);
  }
  const current = stepUp ? await signedIn(exchange) : undefined;
  const asking = stepUp ? "again" : choose ? "account" : "quietly";
  const begun = await beginSignIn(deps, { provider, returnTo, asking, current });
  const earlier = readTransactionCookie(request.headers, publicUrl);
  return redirect(begun.url, transactionCookie([begun.browserSecret, ...earlier], publicUrl));
}

/**
 * `GET /auth/oidc/<provider>/callback`. The session's cookie is SameSite=Strict, so the browser would not send it with what
 * follows from this redirect; the page that it ends in needs none, and what that page asks for is asked by our own origin.
 */
export async function finish(exchange: Exchange): Promise<Answer> {
  const { deps, request, url, provider } = exchange;
  const { publicUrl } = deps;
  assertRate(exchange);
  const browserSecrets = readTransactionCookie(request.headers, publicUrl);
  const done = await finishSignIn(deps, { provider, answer: url.searchParams, browserSecrets });
  return redirect(`${publicUrl}${done.returnTo}`, sessionCookie(done.cookie, publicUrl));
}

/**
 * `GET /auth/oidc/<provider>/end-session`: after signing out here, on to the provider, which asks the person itself: whoever
 * sends a browser here ends nothing.
 */
export async function endSession({ deps, provider }: Exchange): Promise<Answer> {
  return redirect(await providerOf(deps, provider).provider.endSession(`${deps.publicUrl}/`));
}

const redirect = (location: string, cookie?: string): Answer => ({
  status: 303,
  headers: { location, ...(cookie !== undefined && { "set-cookie": cookie }) },
  body: null,
});

/** Nobody is known yet: what one address (of IPv6: network) may begin is bounded, for each leaves something in the store. */
export function assertRate({ deps, peer }: Exchange): void {
  const permit = deps.enrolmentLimits.perSubject.take(`sign-in/${clientNetwork(peer.address)}`);
  if (permit.ok) return;
  throw new Failure("rate_limited", "too many sign-ins come from this address; wait and try again", {
    retryAfter: permit.retryAfter,
  });
}
