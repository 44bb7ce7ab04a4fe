import { ipBytes, ipText } from "../ip.ts";
import { isReservedAddress } from "../reserved-address.ts";

/** Whether a relying party anywhere could reach the host of a URL: no reserved address and no single label. */
export function isPublicHost(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
  const address = ipBytes(host);
  if (address !== undefined) return !isReservedAddress(ipText(address));
  return host.includes(".") && !/\.(localhost|local|internal|test|invalid|example)$/.test(host);
}
