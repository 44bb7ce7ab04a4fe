/**
 * The session's cookie and what guards it. `__Host-`: Secure, for this host name alone, for all paths; SameSite=Strict. Host
 * names do not know ports, and neither do cookies: a page of another port of this machine is the same site. So every change
 * by cookie must carry the session's CSRF token and come from our own origin, whatever else it carries.
 */
import { constantTimeEqual } from "#shared/crypto/equal";
import { utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

/** The name of a cookie of ours: hosts on several ports of one machine keep each its own. */
export const hostCookie = (what: "session" | "sign-in", publicUrl: string): string => {
  const { port } = new URL(publicUrl);
  return `__Host-trstctl${port === "" ? "" : `-${port}`}${what === "session" ? "" : `-${what}`}`;
};

/** @returns the value, or undefined */
export const readSessionCookie = (headers: Headers, publicUrl: string): string | undefined =>
  readCookie(headers, hostCookie("session", publicUrl));

/**
 * True where the console says that it asks by itself, and nobody is there: that is no use of the session. Who leaves it out
 * has what every request has.
 */
export const isUnattended = (headers: Headers): boolean => headers.has("x-unattended");

/** @returns the value, or undefined; of several the first, as browsers order them */
export function readCookie(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** @param value empty: the browser forgets it */
export const sessionCookie = (value: string, publicUrl: string): string =>
  `${hostCookie("session", publicUrl)}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict${value === "" ? "; Max-Age=0" : ""}`;

const reading: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** @param origins of our own, `https://host:port` @throws Failure `forbidden` */
export function assertOwnOrigin(request: Request, origins: ReadonlySet<string>): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  if ((origin !== null && !origins.has(origin)) || (site !== null && site !== "same-origin"))
    throw new Failure("forbidden", "this must come from the console's own page; open the console and do it there", {
      extensions: { reason: "csrf" },
    });
}

/** Of a request that a cookie authenticates. @throws Failure `forbidden` */
export function assertNotForged(request: Request, csrfToken: string, origins: ReadonlySet<string>): void {
  if (reading.has(request.method)) return;
  assertOwnOrigin(request, origins);
  const given = request.headers.get("x-csrf-token") ?? "";
  if (constantTimeEqual(utf8(given), utf8(csrfToken))) return;
  throw new Failure(
    "forbidden",
    "X-CSRF-Token is missing or belongs to another session; reload the console and try again",
    { extensions: { reason: "csrf" } },
  );
}
