/** OCSP (RFC 6960, RFC 9654): the door to its parts. */
export * from "./ocsp-cert-id.ts";
export { parseOcspRequest } from "./ocsp-request.ts";
export * from "./ocsp-response.ts";
export * from "./ocsp-values.ts";
