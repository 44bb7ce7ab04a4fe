import type { Deps } from "./deps.ts";
import type { Present } from "./load.ts";

const pageSize = 200;

/** Every issuer of a tenant, however many there are. */
export async function* allIssuers(deps: Pick<Deps, "log">, tenant: string): AsyncGenerator<Present<"issuer">> {
  let after: string | undefined;
  do {
    const page = await deps.log.list(tenant, "issuer", { limit: pageSize, after });
    yield* page.items as readonly Present<"issuer">[];
    after = page.cursor;
  } while (after !== undefined);
}

/** The first issuer that `wanted` accepts. */
export async function findIssuer(
  deps: Pick<Deps, "log">,
  tenant: string,
  wanted: (issuer: Present<"issuer">) => boolean,
): Promise<Present<"issuer"> | undefined> {
  for await (const issuer of allIssuers(deps, tenant)) if (wanted(issuer)) return issuer;
  return undefined;
}
