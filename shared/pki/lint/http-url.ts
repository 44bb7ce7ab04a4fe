/** `http` with a host (RFC 5280 8: `https` could need the very certificate that is being checked). */
export const isHttp = (url: string): boolean => /^http:\/\/[^/?#@]+/.test(url);
