/** Before a new version of the signer gets traffic: it answers what is known, or the old version stays (CodeDeploy, BeforeAllowTraffic). */
import { Failure } from "#shared/kernel/failure";
import type { Hook } from "#shared/adapters/aws/signer-check";

/** @throws Failure `malformed` */
function hookOf(event: unknown): Hook {
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = (event ??
    {}) as Readonly<Record<string, unknown>>;
  if (typeof deploymentId === "string" && typeof lifecycleEventHookExecutionId === "string")
    return { deploymentId, lifecycleEventHookExecutionId };
  throw new Failure("malformed", "an event of CodeDeploy has DeploymentId and LifecycleEventHookExecutionId");
}

export interface SignerCheck {
  /** @returns what was shown @throws what was not */
  readonly ask: () => Promise<readonly string[]>;
  readonly tell: (hook: Hook, status: "Succeeded" | "Failed") => Promise<void>;
  readonly report: (level: "info" | "error", message: string) => void;
}

/** @throws when the event is none of CodeDeploy's, or CodeDeploy cannot be told: it then waits, and fails the deployment */
export async function checkBeforeTraffic(event: unknown, { ask, tell, report }: SignerCheck): Promise<void> {
  const hook = hookOf(event);
  const status = await ask().then(
    (shown) => {
      report("info", `known answers: ${shown.join("; ")}`);
      return "Succeeded" as const;
    },
    (error: unknown) => {
      report("error", error instanceof Error ? error.message : String(error));
      return "Failed" as const;
    },
  );
  await tell(hook, status);
}
