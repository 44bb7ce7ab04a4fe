/** What time alone brings about. Every duty is idempotent, so it may run anywhere and twice. */
import { allTenants } from "#shared/usecases/all-tenants";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import type { FunctionDeps } from "../function.ts";

/** @returns run; `sweep` does for a tenant what a lost wake would have done */
export const createDuties =
  (deps: FunctionDeps) =>
  async (sweep: (tenant: string) => Promise<void>): Promise<void> => {
    for await (const tenant of allTenants(deps.directory)) {
      try {
        await freshenRevocation(deps, tenant, (issuer, error) =>
          deps.report(error, { function: "clock", duty: "freshness", tenant, issuer }),
        );
        await sweep(tenant);
      } catch (error) {
        deps.report(error, { function: "clock", tenant });
      }
    }
  };
