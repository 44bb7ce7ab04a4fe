/** Browser sign-in: by what one may, who is signed in, and out again. Each route in the file that its name says. */
import { type Answer, responseOf } from "#shared/http/answer";
import { securityHeaders, strictTransport } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { problemAnswer, problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import { createPool } from "#shared/http/pool";
import type { BoundDeps, Peer } from "../function.ts";
import { logOutAtProvider } from "./back-channel-logout.ts";
import { begin, endSession, finish } from "./by-provider.ts";
import { beginDevice, redeemDevice } from "./device.ts";
import { decideDevice, lookAtDevice } from "./device-decision.ts";
import { createDeviceLimits } from "./device-limits.ts";
import { methods } from "./methods.ts";
import { oauthErrorAnswer } from "./oauth.ts";
import { pageStyle, refusalPage, wantsPage } from "./refusal-page.ts";
import type { Exchange, Route } from "./route.ts";
import { revokeToken, whatTokenIs } from "./token.ts";
import { followLink, logOut, whoIsSignedIn } from "./session.ts";

const routes: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ["GET", /^\/auth\/session$/, { run: whoIsSignedIn }],
  ["GET", /^\/auth\/methods$/, { run: methods }],
  ["POST", /^\/auth\/local$/, { run: followLink }],
  ["POST", /^\/auth\/logout$/, { run: logOut }],
  ["POST", /^\/auth\/device$/, { run: beginDevice, oauth: true }],
  ["POST", /^\/auth\/device\/token$/, { run: redeemDevice, oauth: true }],
  ["GET", /^\/auth\/device\/request$/, { run: lookAtDevice }],
  ["POST", /^\/auth\/device\/decision$/, { run: decideDevice }],
  ["POST", /^\/auth\/revoke$/, { run: revokeToken, oauth: true }],
  ["GET", /^\/auth\/token$/, { run: whatTokenIs }],
  ["GET", /^\/auth\/page\.css$/, { run: pageStyle }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/start$/, { run: begin, asksProvider: true, page: true }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/callback$/, { run: finish, asksProvider: true, page: true }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/end-session$/, { run: endSession, asksProvider: true, page: true }],
  ["POST", /^\/auth\/oidc\/([a-z0-9-]+)\/backchannel-logout$/, { run: logOutAtProvider, asksProvider: true }],
];

/** Who waits for a provider that is slow keeps no place of those who ask for their session (I8). */
const atProviders = 32;

export function createSignIn(deps: BoundDeps) {
  const providerPool = createPool(atProviders);
  const limits = createDeviceLimits(deps.clock);

  async function fetch(request: Request, peer: Peer): Promise<Response> {
    const trace = traceOf(request.headers.get("traceparent"));
    const url = new URL(request.url);
    const found = routes.flatMap(([method, path, route]) => {
      const match = method === request.method ? path.exec(url.pathname) : null;
      return match === null ? [] : [{ route, provider: match[1] ?? "" }];
    })[0];
    let answer: Answer;
    try {
      assertHost(request.headers, deps.hostnames);
      if (found === undefined) throw nothingHere();
      const exchange: Exchange = { deps, request, url, peer, provider: found.provider, limits, trace: trace.id };
      const pool = found.route.asksProvider === true ? providerPool : deps.pool;
      answer = await pool.run(async () => found.route.run(exchange));
    } catch (error) {
      const page = found?.route.page === true && wantsPage(request);
      answer = page
        ? refusalPage(error, trace.id, found.provider, deps.signIn)
        : found?.route.oauth === true
          ? oauthErrorAnswer(error)
          : problemAnswer(error, trace.id);
      // A cause is the operator's to read: of a token that proves nothing, of a provider that does not answer.
      if (answer.status >= 500 || (error instanceof Failure && error.cause !== undefined))
        deps.report(error, { function: "sign-in", trace: trace.id });
    }
    const headers = {
      ...securityHeaders,
      ...strictTransport(request.headers),
      "cache-control": "no-store",
      ...answer.headers,
      traceparent: trace.traceparent,
    };
    return responseOf({ ...answer, headers });
  }

  const served = (peer: Peer): Fetches =>
    knownMethodsOnly({ fetch: (request) => fetch(request, peer) }, (failure) =>
      problemResponse(failure, traceOf(null).id),
    );
  return { fetch: (request: Request, peer: Peer) => served(peer).fetch(request) };
}

const nothingHere = (): Failure =>
  new Failure("not_found", "there is nothing here; GET /auth/methods says by what one signs in");
