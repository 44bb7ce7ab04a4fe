/** Whether a name lies within a name-constraint subtree of its kind (RFC 5280 4.2.1.10). */
import { sameBytes } from "#shared/kernel/bytes";
import type { GeneralName } from "./general-name.ts";
import { cidrBytes, ipBytes } from "./ip.ts";

/** The base covers itself and what is below; an empty base covers all. A wildcard is where its star stands. */
const withinDomain = (host: string, base: string): boolean => {
  const name = host.replace(/^\*\./, "");
  return base === "" || name === base || name.endsWith(`.${base}`);
};

/** For e-mail and URI hosts a leading dot means what is below, without it that host alone. */
const withinHost = (host: string, base: string): boolean =>
  base.startsWith(".") ? host.endsWith(base) : base === "" || host === base;

const hostOfUri = (uri: string): string => /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]*)/i.exec(uri)?.[1] ?? "";

function withinRange(address: string, range: string): boolean {
  const [octets, bounds] = [ipBytes(address), cidrBytes(range)];
  if (octets === undefined || bounds?.length !== octets.length * 2) return false;
  const [base, mask] = [bounds.subarray(0, octets.length), bounds.subarray(octets.length)];
  return sameBytes(
    octets.map((octet, at) => octet & (mask[at] as number)),
    base,
  );
}

/** Names of kinds that are not issued are within nothing. */
export function withinConstraint(name: GeneralName, base: GeneralName): boolean {
  if (name.type === "other" || base.type !== name.type) return false;
  const value = name.value.toLowerCase();
  switch (name.type) {
    case "dns":
      return withinDomain(value, base.value);
    case "ip":
      return withinRange(value, base.value);
    case "uri":
      return withinHost(hostOfUri(value), base.value);
    case "email":
      return base.value.includes("@") ? value === base.value : withinHost(value.replace(/^.*@/, ""), base.value);
  }
}
