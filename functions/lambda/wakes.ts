/** The Lambda of a wake function: each message names a tenant whose log moved, or who is to be looked at again. */
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { maxDelaySeconds, sqsClient, sqsWakeQueues, type WakeQueues } from "#shared/adapters/aws/wake-queues";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import { type LambdaDeps, openDeps, type Part } from "./deps.ts";
import { lambda, required, type Shell } from "./shell.ts";
import type { WakeName } from "./wake-sources.ts";

/** @returns milliseconds after which it wants to be called again */
export type Wake = (tenant: string) => Promise<number | undefined>;

interface WakeLambda {
  readonly name: WakeName;
  readonly parts: readonly Part[];
  create(deps: LambdaDeps): Wake;
}

export const wakeLambda = ({ name, parts, create }: WakeLambda) =>
  lambda<SQSEvent, SQSBatchResponse>(name, async (shell) => {
    const queues = sqsWakeQueues(sqsClient(), required(shell, "TRSTCTL_WAKE_QUEUES"));
    return wakeHandler(shell, create(await openDeps(shell, parts)), queues);
  });

/** Tenants of one batch run side by side; what fails for one is tried again for that one alone. */
export function wakeHandler(shell: Pick<Shell, "name" | "report">, wake: Wake, queues: WakeQueues) {
  /** Tenant → when a message that this environment has sent comes due: another one would only double it. */
  const due = new Map<string, number>();

  async function again(tenant: string, ms: number): Promise<void> {
    const now = Date.now();
    for (const [known, at] of due) if (at <= now) due.delete(known);
    const delaySeconds = Math.min(Math.max(Math.ceil(ms / 1000), 1), maxDelaySeconds);
    const at = now + delaySeconds * 1000;
    if ((due.get(tenant) ?? Infinity) <= at) return;
    due.set(tenant, at);
    const [failed] = await queues.send([{ queue: shell.name, tenant, delaySeconds }]);
    if (failed === undefined) return;
    due.delete(tenant);
    throw failed.error;
  }

  /** @returns whether it is done with */
  async function run(tenant: string): Promise<boolean> {
    try {
      const ms = await wake(tenant);
      if (ms !== undefined) await again(tenant, ms);
      return true;
    } catch (error) {
      shell.report(error, { operation: "wake", tenant });
      return false;
    }
  }

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const tenants = new Map<string, string[]>();
    for (const { messageId, body } of Records) {
      const tenant = tenantOf(body);
      // Nothing that comes later will make it one: it is said, and gone.
      if (tenant === undefined) shell.report(new Failure("malformed", "a message names no tenant"), { id: messageId });
      else tenants.set(tenant, [...(tenants.get(tenant) ?? []), messageId]);
    }
    const failed = await Promise.all(
      [...tenants].map(async ([tenant, messages]) => ((await run(tenant)) ? [] : messages)),
    );
    return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function tenantOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const tenant = typeof value === "object" && value !== null && "tenant" in value ? value.tenant : undefined;
    return typeof tenant === "string" && isTenantId(tenant) ? tenant : undefined;
  } catch {
    return undefined;
  }
}
