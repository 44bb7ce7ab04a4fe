/**
 * What binds a sign-in at a provider to the browser that began it. The redirect back comes from the provider's site, so it
 * is SameSite=Lax; it opens nothing by itself, and dies with the transaction.
 */
import { hostCookie, readCookie } from "./session-cookie.ts";

/** Of a browser that signs in in several tabs; older ones are forgotten, so the header stays short. */
const most = 4;
const maxAgeSeconds = 600;
const shape = /^[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{43}){0,3}$/;

/** @returns the secrets, newest first; none for what we did not set */
export function readTransactionCookie(headers: Headers, publicUrl: string): readonly string[] {
  const value = readCookie(headers, hostCookie("sign-in", publicUrl)) ?? "";
  return shape.test(value) ? value.split(".") : [];
}

/** @param secrets newest first */
export const transactionCookie = (secrets: readonly string[], publicUrl: string): string =>
  `${hostCookie("sign-in", publicUrl)}=${secrets.slice(0, most).join(".")}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
