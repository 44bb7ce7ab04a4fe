/** What time alone brings about. Every duty is idempotent, so it may run anywhere and twice. */
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { pruneTo } from "#events/retention/prune";
import { Failure } from "#shared/kernel/failure";
import { allTenants } from "#shared/usecases/all-tenants";
import { watchRevocation } from "#shared/usecases/revocation-watch";
import { freshenRaCertificates } from "#shared/usecases/freshen-ra-certificates";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import type { FunctionDeps } from "../function.ts";
import { openReconciliation } from "./reconciliation.ts";

/** Between two checkpoints of a tenant that has new events; `trstctl audit checkpoint` makes one at once. */
const checkpointMs = 5 * 60_000;

/** @param sweep does for a tenant what a lost wake would have done */
type Sweep = (tenant: string) => Promise<void>;

interface Reconciling {
  readonly epoch: number;
  readonly advance: Awaited<ReturnType<typeof openReconciliation>>;
}

/** @returns every duty for one tenant; none of them throws */
export function createTenantDuties(deps: FunctionDeps): (tenant: string, sweep: Sweep) => Promise<void> {
  const reconciliations = new Map<string, Reconciling>();

  /** A signature without its event is mended; an event without its signature is for a person to look at. */
  async function reconcileTenant(tenant: string): Promise<void> {
    // After a failover the log is another one than it was.
    const epoch = (await deps.log.load(tenant, "tenant", tenant)).state?.failover?.epoch ?? 0;
    const kept = reconciliations.get(tenant);
    const current = kept?.epoch === epoch ? kept : { epoch, advance: await openReconciliation(deps, tenant) };
    reconciliations.set(tenant, current);
    const { unjournalled } = await current.advance();
    for (const { type, id } of unjournalled) {
      const detail = `event ${id} (${type}) speaks of a signature that the signer never made`;
      deps.report(new Failure("corrupt", detail), { function: "clock", duty: "reconcile", tenant });
    }
  }

  const checkpoints = createCheckpoints(deps);

  async function makeCheckpoint(tenant: string): Promise<void> {
    const newest = await checkpoints.newest(tenant);
    if (newest === undefined || deps.clock.now() - Date.parse(newest.time) >= checkpointMs)
      await checkpoints.make(tenant);
  }

  /** Says each minute what should have been renewed hours ago. */
  async function watch(tenant: string): Promise<void> {
    const watched = await watchRevocation(deps, tenant);
    deps.watch.note(tenant, watched);
    for (const { issuer, what, ends } of watched.overdue) {
      const detail =
        ends === null
          ? `${what} of issuer ${issuer} is missing`
          : `${what} of issuer ${issuer} ends at ${ends} and is not renewed`;
      deps.report(new Failure("unavailable", detail), { function: "clock", duty: "watch", tenant });
    }
  }

  /** What `audit prune` recorded and was cut off from doing. */
  async function finishPrune(tenant: string): Promise<void> {
    const { state } = await deps.log.load(tenant, "tenant", tenant);
    if (state?.pruned !== undefined) await pruneTo(deps, tenant, state.pruned.checkpoint);
  }

  return async (tenant, sweep) => {
    const report = (duty: string) => (error: unknown) => deps.report(error, { function: "clock", duty, tenant });
    await freshenRevocation(deps, tenant, (issuer, error) =>
      deps.report(error, { function: "clock", duty: "freshness", tenant, issuer }),
    ).catch(report("freshness"));
    await freshenRaCertificates(deps, tenant, (issuer, error) =>
      deps.report(error, { function: "clock", duty: "ra-certificate", tenant, issuer }),
    ).catch(report("ra-certificate"));
    await watch(tenant).catch(report("watch"));
    await sweep(tenant).catch(report("sweep"));
    await reconcileTenant(tenant).catch(report("reconcile"));
    await makeCheckpoint(tenant).catch(report("checkpoint"));
    await finishPrune(tenant).catch(report("prune"));
    await sweepEnrolment(deps, tenant).catch(report("enrolment"));
  };
}

/** @returns run: every tenant in turn */
export function createDuties(deps: FunctionDeps) {
  const duties = createTenantDuties(deps);
  return async (sweep: Sweep): Promise<void> => {
    for await (const tenant of allTenants(deps.directory)) await duties(tenant, sweep);
  };
}
