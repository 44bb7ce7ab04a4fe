import { isReservedAddress } from "../../reserved-address.ts";
import type { CertificateRule } from "../rule.ts";

/** No address that IANA reserved. */
export const tlsIpAddresses: CertificateRule = {
  id: "tls-ip-addresses",
  severity: "error",
  source: "CA/B BR 4.2.2, 7.1.2.7.12",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2015-11-01",
  check({ sans }, report) {
    for (const name of sans)
      if (name.type === "ip" && isReservedAddress(name.value)) report(`ip:${name.value} is a reserved address`);
  },
};
