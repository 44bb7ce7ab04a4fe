/** The root above the CA that certifies a host itself: what clients of its API must trust, and browsers may. */
import { Failure } from "#shared/kernel/failure";
import type { Deps } from "./deps.ts";
import { oldestIssuer } from "./issue-certificate.ts";
import { existing, type Present } from "./load.ts";

/**
 * @param tenant the product's own: it may have had other roots before, whose CAs are retired
 * @throws Failure `conflict` before the host's first start, and on AWS, where a public CA certifies the host
 */
export async function tlsRoot(deps: Deps, tenant: string): Promise<Present<"issuer">> {
  const parent = (await oldestIssuer(deps, tenant))?.state.parent;
  if (parent === undefined || parent === null)
    throw new Failure("conflict", "this host has no TLS root of its own: it is made at the first start");
  return existing(deps, tenant, "issuer", parent);
}
