/** What leaves the function: no VPC, so the world is reached from an address of AWS's, and no network of ours at all. */
import { isIP } from "node:net";
import { directEgress } from "#shared/adapters/local/egress";
import { systemResolver } from "#shared/adapters/local/resolver";
import type { Part } from "../deps.ts";

export const network: Part = ({ config }) => {
  const servers = config.TRSTCTL_RESOLVERS.map((address) => (isIP(address) === 6 ? `[${address}]` : address));
  const resolver = systemResolver({ servers });
  return {
    resolver,
    egress: directEgress({ resolver, cidrs: config.TRSTCTL_EGRESS_CIDRS }),
  };
};
