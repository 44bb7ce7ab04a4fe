/** What time alone brings about. Every duty is idempotent, so it may run anywhere and twice. */
import { allTenants } from "#shared/usecases/all-tenants";
import type { Deps } from "#shared/usecases/deps";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";

export interface ClockDeps extends Deps {
  /** Projections and outbox: covers wakes that were lost. */
  readonly sweep: (tenant: string) => Promise<void>;
  readonly report: (error: unknown, what: object) => void;
}

export async function runDuties(deps: ClockDeps): Promise<void> {
  for await (const tenant of allTenants(deps.directory)) {
    try {
      await freshenRevocation(deps, tenant, (issuer, error) => deps.report(error, { duty: "freshness", tenant, issuer }));
      await deps.sweep(tenant);
    } catch (error) {
      deps.report(error, { duty: "sweep", tenant });
    }
  }
}
