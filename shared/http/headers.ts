import { hostOf } from "./host-guard.ts";

/** On every answer of the API listener (behaviour §1). */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/** On every file of the console: scripts and styles are files of its own, never text in a page. */
export const consoleHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** RFC 6797: a browser that saw it comes by HTTPS only. */
export const strictTransportSecurity: Readonly<Record<string, string>> = {
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};

const loopbackName = /^(?:(?:.+\.)?localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** For browsers; not on loopback names, where it would bind whatever else runs on this machine, on every port. */
export const strictTransport = (headers: Headers): Readonly<Record<string, string>> =>
  loopbackName.test(hostOf(headers.get("host") ?? "localhost")) ? {} : strictTransportSecurity;
