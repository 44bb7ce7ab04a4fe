/** Disaster recovery, really done: docs/dr.md says what for. */
import { loseHost } from "./original.ts";
import { refuseRestores } from "./refusals.ts";
import { restoreHost } from "./restored.ts";
import { createSteps } from "./steps.ts";

/** @returns whether all steps passed */
export async function drill(): Promise<boolean> {
  const steps = createSteps();
  const lost = await loseHost(steps);
  const place = await refuseRestores(steps, lost);
  await restoreHost(steps, place, lost);
  return steps.end();
}
