/**
 * How a program without a browser signs in: the two endpoints of the device authorization grant (RFC 8628). It asks
 * anonymously; a person says yes at the console (device-decision.ts).
 */
import * as z from "zod";
import { scope } from "#shared/contracts/api/access";
import { deviceClientId, deviceGrantType, devicePaths, deviceTokenLifetime } from "#shared/contracts/device-grant";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import {
  beginDeviceSignIn,
  deviceCodeMs,
  pollSeconds,
  redeemDeviceCode,
  type WantedSignIn,
} from "#shared/usecases/device-sign-in";
import { shownUserCode } from "#shared/usecases/user-code";
import type { BoundDeps } from "../function.ts";
import { OAuthError, readForm } from "./oauth.ts";
import type { Exchange } from "./route.ts";

type Form = Readonly<Record<string, string>>;

/** Where the person's session is: cookies are of one host name. */
const consoleOrigin = ({ origins, publicUrl }: BoundDeps): string =>
  [...origins].find((url) => url.includes("//trstctl.localhost")) ?? new URL(publicUrl).origin;

/** `POST /auth/device` (RFC 8628 3.1, 3.2) */
export async function beginDevice({ deps, request, peer, limits }: Exchange): Promise<Answer> {
  limits.take("begin", peer);
  const wanted = wantedBy(await readForm(request), peer.address);
  const { deviceCode, userCode } = await beginDeviceSignIn(deps, wanted);
  const uri = `${consoleOrigin(deps)}${devicePaths.page}`;
  return jsonAnswer({
    device_code: deviceCode,
    user_code: shownUserCode(userCode),
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${shownUserCode(userCode)}`,
    expires_in: deviceCodeMs / 1000,
    interval: pollSeconds,
  });
}

/** `POST /auth/device/token` (RFC 8628 3.4, 3.5) */
export async function redeemDevice({ deps, request, peer, limits, trace }: Exchange): Promise<Answer> {
  limits.take("poll", peer);
  const form = await readForm(request);
  assertClient(form);
  if (form["grant_type"] !== deviceGrantType)
    throw new OAuthError("unsupported_grant_type", `grant_type must be ${deviceGrantType}`);
  const { device_code: deviceCode } = form;
  if (deviceCode === undefined) throw new OAuthError("invalid_request", "device_code is missing");
  const outcome = await redeemDeviceCode(deps, deviceCode, trace);
  if (outcome.state !== "granted") {
    const [error, description] = refusals[outcome.state];
    throw new OAuthError(error, description);
  }
  const { id, token, tenant, subject, scopes, expiresAt } = outcome;
  return jsonAnswer({
    access_token: token,
    token_type: "Bearer",
    expires_in: Math.floor((expiresAt - deps.clock.now()) / 1000),
    scope: scopes.join(" "),
    token_id: id,
    tenant,
    subject,
  });
}

const refusals = {
  pending: ["authorization_pending", "nobody has said yes yet"],
  too_early: ["slow_down", `wait ${pollSeconds} seconds longer between two requests than before`],
  denied: ["access_denied", "the person said no, may not sign in any more, or ended the session that said yes"],
  expired: ["expired_token", "nobody said yes in time; begin anew"],
  unknown: ["invalid_grant", "this device_code was never given out, or long ago"],
  shown_already: [
    "invalid_grant",
    "the token of this sign-in was shown already; if it did not arrive, revoke it on the Access page and begin anew",
  ],
} as const;

const client = z
  .string()
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, "visible characters only");
const seconds = z.coerce.number().int().min(60).max(deviceTokenLifetime.longest);

/** @throws OAuthError `invalid_client`, `invalid_scope`, `invalid_request` */
function wantedBy(form: Form, address: string): WantedSignIn {
  assertClient(form);
  const name = client.safeParse(form["client_name"] ?? "a program without a name");
  if (!name.success) throw new OAuthError("invalid_request", "client_name: expected 1 to 100 visible characters");
  const lifetime = seconds.safeParse(form["token_lifetime"] ?? deviceTokenLifetime.usual);
  if (!lifetime.success)
    throw new OAuthError(
      "invalid_request",
      `token_lifetime: expected 60 to ${deviceTokenLifetime.longest} seconds (${deviceTokenLifetime.longest / 86_400} days)`,
    );
  const scopes = form["scope"]?.split(" ").filter((word) => word !== "");
  const unknown = scopes?.filter((word) => !scope.safeParse(word).success) ?? [];
  if (unknown.length > 0) throw new OAuthError("invalid_scope", "scope names a permission that there is not");
  return { client: name.data, address, scopes, lifetimeSeconds: lifetime.data };
}

function assertClient(form: Form): void {
  if (form["client_id"] !== deviceClientId)
    throw new OAuthError("invalid_client", `client_id must be ${deviceClientId}`);
}
