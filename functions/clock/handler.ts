import { sqsClient, sqsWakeQueues } from "#shared/adapters/aws/wake-queues";
import { openDeps } from "../lambda/deps.ts";
import { blob } from "../lambda/parts/blob.ts";
import { directory } from "../lambda/parts/directory.ts";
import { settings } from "../lambda/parts/settings.ts";
import { signer } from "../lambda/parts/signer.ts";
import { table } from "../lambda/parts/table.ts";
import { lambda, required } from "../lambda/shell.ts";
import { wakeNames } from "../lambda/wake-sources.ts";
import { createTenantDuties } from "./app.ts";
import { createRest } from "./rest.ts";
import { runRound } from "./round.ts";

/** Rounds begin each minute: one ends before the next, which goes on where it stopped. */
const roundMs = 50_000;
/** For what has begun when the function's time runs out. */
const reserveMs = 20_000;
const cursor = "clock/cursor";
const cursorMs = 3_600_000;

export const handler = lambda<unknown, void>("clock", async (shell) => {
  const deps = await openDeps(shell, [table, directory, blob, signer, settings]);
  const queues = sqsWakeQueues(sqsClient(), required(shell, "TRSTCTL_WAKE_QUEUES"));
  const duties = createTenantDuties(deps);
  const rest = createRest(deps);
  const orReport = (tenant: string) => (error: unknown) => deps.report(error, { duty: "rest", tenant });
  const { shortLived, systemTenant } = deps;
  return async (_, { remainingMs }) => {
    const until = performance.now() + roundMs;
    const seen = await runRound({
      directory: deps.directory,
      takeCursor: () => shortLived.take(systemTenant, cursor),
      keepCursor: async (tenant) => void (await shortLived.put(systemTenant, cursor, tenant, cursorMs)),
      async sweep(tenants) {
        const wakes = tenants.flatMap((tenant) => wakeNames.map((queue) => ({ queue, tenant })));
        for (const { wake, error } of await queues.send(wakes))
          deps.report(error, { duty: "sweep", tenant: wake.tenant, queue: wake.queue });
      },
      isAwake: (tenant) => rest.isAwake(tenant).catch((error: unknown) => (orReport(tenant)(error), true)),
      async duties(tenant) {
        const well = await duties(tenant, async () => undefined);
        await rest.seenTo(tenant, well).catch(orReport(tenant));
      },
      timeLeft: () => performance.now() < until && remainingMs() > reserveMs,
    });
    const { overdue, crlEndsMs, responderEndsMs } = deps.watch.total();
    const secondsLeft = (endsMs: number) => (endsMs - deps.clock.now()) / 1000;
    shell.metrics.add("tenants_seen_to", "Count", seen);
    shell.metrics.add("revocation_overdue", "Count", overdue);
    if (Number.isFinite(crlEndsMs)) shell.metrics.add("crl_seconds_to_next_update", "Seconds", secondsLeft(crlEndsMs));
    if (Number.isFinite(responderEndsMs))
      shell.metrics.add("ocsp_responder_seconds_to_end", "Seconds", secondsLeft(responderEndsMs));
  };
});
