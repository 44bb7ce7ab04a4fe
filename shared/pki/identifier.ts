/** What may stand in a SAN: one check for each kind, each answering with the reason when it may not. */

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * LDH labels (RFC 1034 3.5, RFC 5280 4.2.1.6), lower case; a wildcard only as the whole left-most label.
 * @returns undefined when fine, else why not
 */
export function dnsNameProblem(name: string, wildcard: "allowed" | "refused" = "allowed"): string | undefined {
  if (name === "") return "is empty";
  if (name.length > 253) return "is longer than 253 characters";
  if (name.endsWith(".")) return "ends in a dot";
  const labels = name.split(".");
  if (labels[0] === "*") {
    if (wildcard === "refused") return "is a wildcard";
    if (labels.length < 2) return "is a bare wildcard";
    labels.shift();
  }
  for (const part of labels) {
    if (part.includes("*")) return "has a wildcard that is not the whole left-most label";
    if (part.includes("_")) return "has an underscore";
    if (!label.test(part)) return `has a bad label ${JSON.stringify(part.slice(0, 64))}`;
  }
  // An all-digit last label reads as an address (RFC 3696 2).
  if (/^\d+$/.test(labels[labels.length - 1] as string)) return "ends in a number";
  return undefined;
}

/** RFC 5280 4.2.1.6: Mailbox with a dot-atom local part, no comment and no quotes. */
export function emailProblem(address: string): string | undefined {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, Math.max(0, at));
  if (at < 1) return "is not local-part@domain";
  if (local.length > 64 || !/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local))
    return "has a bad local part";
  const problem = dnsNameProblem(address.slice(at + 1), "refused");
  return problem === undefined ? undefined : `has a domain that ${problem}`;
}

/** RFC 5280 4.2.1.6, RFC 3986: absolute, ASCII, with something after the scheme. */
export function uriProblem(uri: string): string | undefined {
  if (uri.length > 2048) return "is longer than 2048 characters";
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri)) return "is not absolute";
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/.test(uri))
    return "has characters that a URI cannot have";
  if (/^[^:]+:\/\/(?:[/?#]|$)/.test(uri)) return "has an empty authority";
  return undefined;
}
