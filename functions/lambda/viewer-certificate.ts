/** A client certificate as gateways hand it over: one PEM block, percent-encoded where it travelled in a header. */
import { fromBase64 } from "#shared/kernel/bytes";

const block = /^-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]{1,65536}?)-----END CERTIFICATE-----\s*$/;

/** DER; undefined for none, and for what is no such block: then nobody has shown one. */
export function certificateOf(pem: string | undefined): Uint8Array | undefined {
  if (pem === undefined) return undefined;
  const [, base64] = block.exec(pem.includes("%") ? percentDecoded(pem) : pem) ?? [];
  return base64 === undefined ? undefined : fromBase64(base64.replace(/\s/g, ""));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
