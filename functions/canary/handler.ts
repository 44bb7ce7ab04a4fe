import { ownFrontDoor } from "#shared/adapters/aws/front-door";
import { fetchCredential, ssmClient } from "#shared/adapters/aws/settings";
import { newId } from "#shared/crypto/random";
import { openDeps } from "../lambda/deps.ts";
import { settings } from "../lambda/parts/settings.ts";
import { lambda, required } from "../lambda/shell.ts";
import { createCanary, type Step } from "./app.ts";

export const handler = lambda<unknown, void>("canary", async (shell) => {
  const { publicUrl, revocationBaseUrl = publicUrl, clock } = await openDeps(shell, [settings]);
  const door = ownFrontDoor(publicUrl, revocationBaseUrl);
  const newOperation = () => newId(clock.now());
  return async () => {
    // Each time: a token ends, and another one takes its place.
    const token = await fetchCredential(ssmClient(), required(shell, "TRSTCTL_CANARY_PARAMETER"));
    const started = performance.now();
    let reached: Step = "issue";
    try {
      await createCanary({ door, token, newId: newOperation })((step) => void (reached = step));
      shell.metrics.add("canary_lived", "Count", 1);
      shell.metrics.add("canary_seconds", "Seconds", (performance.now() - started) / 1000);
    } catch (error) {
      shell.metrics.add("canary_died", "Count", 1, { step: reached });
      throw error;
    }
  };
});
