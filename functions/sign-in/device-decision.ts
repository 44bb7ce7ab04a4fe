/** What the console's page `/device` asks and says, by the session of the person who decides. */
import * as z from "zod";
import { accessOperations } from "#shared/contracts/api/access";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { readJson } from "#shared/http/body";
import { assertNotForged } from "#shared/http/session-cookie";
import { assertShownLately } from "#shared/http/step-up";
import { validate } from "#shared/http/validate";
import { type AskedSignIn, askedSignIn, decideSignIn } from "#shared/usecases/device-sign-in";
import { shownUserCode } from "#shared/usecases/user-code";
import type { Exchange } from "./route.ts";
import { signedIn } from "./session.ts";

const decision = z.strictObject({ user_code: z.string().min(1).max(40), approve: z.boolean() });
const maxBodyBytes = 1_024;

/** `GET /auth/device/request?user_code=…` */
export async function lookAtDevice(exchange: Exchange): Promise<Answer> {
  const { principal } = await signedIn(exchange);
  const code = exchange.url.searchParams.get("user_code") ?? "";
  return jsonAnswer(shown(await askedSignIn(exchange.deps, principal, code)));
}

/** `POST /auth/device/decision` */
export async function decideDevice(exchange: Exchange): Promise<Answer> {
  const { deps, request } = exchange;
  const { session, principal, csrfToken } = await signedIn(exchange);
  assertNotForged(request, csrfToken, deps.origins);
  const { user_code: userCode, approve } = validate(decision, await readJson(request, maxBodyBytes));
  if (approve) {
    // A yes mints a token: what would want step-up there wants it here.
    const { granted: scopes } = await askedSignIn(deps, principal, userCode);
    assertShownLately(accessOperations.createToken, { scopes }, session, deps.clock.now());
  }
  return jsonAnswer(shown(await decideSignIn(deps, principal, { userCode, approve, session: session.id })));
}

const shown = (asked: AskedSignIn) => ({
  user_code: shownUserCode(asked.userCode),
  client: asked.client,
  address: asked.address,
  scopes: asked.granted,
  refused_scopes: asked.refused,
  token_lifetime: asked.lifetimeSeconds,
  expires_at: new Date(asked.expiresAt).toISOString(),
  state: asked.state,
});
