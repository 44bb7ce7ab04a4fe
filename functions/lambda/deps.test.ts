import { expect, test } from "vitest";
import { httpFunctions } from "#functions/registry";
import { lambdaConfig } from "#shared/contracts/config/aws";
import { enrolmentProtocols, openDeps } from "./deps.ts";
import { createMetrics } from "./metrics.ts";

test("the protocols of a deployment are those of the registry", () => {
  const registered = httpFunctions.flatMap(({ protocol }) => protocol ?? []);
  expect([...enrolmentProtocols].toSorted()).toEqual(registered.toSorted());
});

test("a part that was not named refuses to be used, and says what to do", async () => {
  const deps = await openDeps(
    {
      name: "router",
      config: lambdaConfig.parse({ TRSTCTL_DEPLOYMENT: "t" }),
      report: () => undefined,
      metrics: createMetrics("router", () => undefined),
    },
    [],
  );
  const words = "name the part in its handler and the port in its registry entry";
  expect(() => deps.blob.get("acme/crl/x")).toThrow(`function router has no blob: ${words}`);
  expect(() => deps.signer.health()).toThrow(words);
  expect(() => deps.fingerprintKey("acme")).toThrow(words);
});
