/** What time alone brings about. Every duty is idempotent, so it may run anywhere and twice. */
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { pruneTo } from "#events/retention/prune";
import { Failure } from "#shared/kernel/failure";
import { allTenants } from "#shared/usecases/all-tenants";
import { watchRevocation } from "#shared/usecases/revocation-watch";
import { freshenRaCertificates } from "#shared/usecases/freshen-ra-certificates";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import { sweepUnconfirmed } from "#shared/usecases/unconfirmed-certificates";
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

/** @returns every duty for one tenant, which never throws and says whether nothing failed and nothing is overdue */
export function createTenantDuties(deps: FunctionDeps): (tenant: string, sweep: Sweep) => Promise<boolean> {
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
  async function watch(tenant: string): Promise<boolean> {
    const watched = await watchRevocation(deps, tenant);
    deps.watch.note(tenant, watched);
    for (const { issuer, what, ends } of watched.overdue) {
      const detail =
        ends === null
          ? `${what} of issuer ${issuer} is missing`
          : `${what} of issuer ${issuer} ends at ${ends} and is not renewed`;
      deps.report(new Failure("unavailable", detail), { function: "clock", duty: "watch", tenant });
    }
    return watched.overdue.length === 0;
  }

  /** What `audit prune` recorded and was cut off from doing. */
  async function finishPrune(tenant: string): Promise<void> {
    const { state } = await deps.log.load(tenant, "tenant", tenant);
    if (state?.pruned !== undefined) await pruneTo(deps, tenant, state.pruned.checkpoint);
  }

  return async (tenant, sweep) => {
    let well = true;
    const report = (duty: string, issuer?: string) => (error: unknown) => {
      well = false;
      deps.report(error, { function: "clock", duty, tenant, ...(issuer !== undefined && { issuer }) });
    };
    await freshenRevocation(deps, tenant, (issuer, error) => report("freshness", issuer)(error)).catch(
      report("freshness"),
    );
    await freshenRaCertificates(deps, tenant, (issuer, error) => report("ra-certificate", issuer)(error)).catch(
      report("ra-certificate"),
    );
    await watch(tenant).then((good) => void (well &&= good), report("watch"));
    await sweep(tenant).catch(report("sweep"));
    await reconcileTenant(tenant).catch(report("reconcile"));
    await makeCheckpoint(tenant).catch(report("checkpoint"));
    await finishPrune(tenant).catch(report("prune"));
    await sweepEnrolment(deps, tenant).catch(report("enrolment"));
    await sweepUnconfirmed(deps, tenant).catch(report("unconfirmed"));
    return well;
  };
}

/** @returns run: every tenant in turn */
export function createDuties(deps: FunctionDeps) {
  const duties = createTenantDuties(deps);
  return async (sweep: Sweep): Promise<void> => {
    for await (const tenant of allTenants(deps.directory)) await duties(tenant, sweep);
  };
}
