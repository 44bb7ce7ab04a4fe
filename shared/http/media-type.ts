/** Of the body, in lower case, without parameters (RFC 9110 8.3.1); undefined when nothing is said. */
export const mediaTypeOf = (headers: Headers): string | undefined =>
  headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
