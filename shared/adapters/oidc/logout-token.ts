/** Logout tokens (Back-Channel Logout 1.0 2.4-2.6). */
import type { LoggedOut } from "#shared/ports/identity-provider";
import { type IdTokenCheck, toleranceSeconds, type TokenKind, verifiedToken } from "./id-token.ts";

const event = "http://schemas.openid.net/event/backchannel-logout";
const logoutToken: TokenKind = {
  name: "logout token",
  maxLength: 16_384,
  maxAgeSeconds: 300, // 2.4 recommends two minutes until `exp`; older ones are a replay
  requiredClaims: ["iat", "exp", "jti", "events"],
};
/** 2.4 recommends the first; the others are what was written before it did. */
const types: ReadonlySet<string | undefined> = new Set(["logout+jwt", "jwt", undefined]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown, name: string): string | null => {
  if (value === undefined) return null;
  if (typeof value !== "string" || value === "" || value.length > 500) throw new Error(`${name} is no text`);
  return value;
};

/** @throws Error that says what is wrong */
export async function verifiedLogoutToken(token: string, check: IdTokenCheck): Promise<LoggedOut> {
  const { payload, protectedHeader } = await verifiedToken(token, logoutToken, check);
  if (!types.has(protectedHeader.typ?.toLowerCase().replace(/^application\//, "")))
    throw new Error("typ is that of another kind of token");
  if ("nonce" in payload) throw new Error("nonce stands there: this is an ID token");
  const { events } = payload;
  if (!isObject(events) || !isObject(events[event])) throw new Error(`events has no ${event}`);
  const subject = textOf(payload.sub, "sub");
  const sid = textOf(payload["sid"], "sid");
  const jti = textOf(payload.jti, "jti");
  if (jti === null || (subject === null && sid === null)) throw new Error("neither sub nor sid is there");
  const endsAt = 1000 * (Math.max(payload.exp ?? 0, (payload.iat ?? 0) + logoutToken.maxAgeSeconds) + toleranceSeconds);
  return { subject, sid, jti, endsAt };
}
