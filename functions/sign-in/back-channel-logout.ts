/** `POST /auth/oidc/<provider>/backchannel-logout`: from the provider, no browser (Back-Channel Logout 1.0 2.5, 2.8). */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { readBody } from "#shared/http/body";
import { mediaTypeOf } from "#shared/http/media-type";
import { Failure, isFailure } from "#shared/kernel/failure";
import { utf8Text } from "#shared/kernel/bytes";
import { logOutByProvider } from "#shared/usecases/back-channel-logout";
import { assertRate } from "./by-provider.ts";
import type { Exchange } from "./route.ts";

const maxBodyBytes = 32_768;
const form = "application/x-www-form-urlencoded";

export async function logOutAtProvider(exchange: Exchange): Promise<Answer> {
  const { deps, request, provider } = exchange;
  assertRate(exchange);
  if (mediaTypeOf(request.headers) !== form)
    throw new Failure("not_acceptable_media", `send the logout token as ${form}`);
  const given = new URLSearchParams(utf8Text(await readBody(request, maxBodyBytes))).getAll("logout_token");
  try {
    const [token] = given;
    if (token === undefined || given.length > 1) throw new Failure("malformed", "expected one logout_token");
    await logOutByProvider(deps, provider, token);
  } catch (error) {
    if (!isFailure(error, "malformed")) throw error;
    if (error.cause !== undefined) deps.report(error, { function: "sign-in", operation: "back-channel logout" });
    return jsonAnswer({ error: "invalid_request", error_description: error.message }, 400); // 2.8
  }
  return { status: 200, headers: {}, body: null };
}
