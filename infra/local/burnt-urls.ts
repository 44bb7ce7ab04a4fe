import { allIssuers } from "#shared/usecases/all-issuers";
import { allTenants } from "#shared/usecases/all-tenants";
import type { LocalDeps } from "./compose.ts";

/** The revocation base URLs that stand in certificates: what was promised with them goes on as long as they live. */
export async function burntUrls(deps: LocalDeps): Promise<readonly URL[]> {
  const found = new Set<string>();
  for await (const tenant of allTenants(deps.directory)) {
    for await (const { state } of allIssuers(deps, tenant)) found.add(state.revocation_base_url);
  }
  return [...found].map((url) => new URL(url));
}
