/** A read model that cannot go on: the overview says so, the page names the event, and trying again is asked for by name. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import { forgetReadModel, replaceEvent } from "#test/e2e/stored-event";
import { accessibilityFaults, signedIn, type Visit } from "./browser.ts";

let host: Host;
let seen: Visit;
let sequence: number;
beforeAll(async () => {
  const directory = temporaryDirectory();
  const first = await startHost({ directory });
  await first.admin.ok("POST", "/owners", { kind: "team", name: "to be damaged" });
  sequence = (await first.admin.ok("GET", "/audit/events?limit=1")).items[0].sequence;
  await first.stop();
  replaceEvent(first.data, sequence, "{}");
  forgetReadModel(first.data, "certificates");
  host = await startHost({ directory });
  await eventually("the quarantine", async () =>
    (await host.admin.ok("GET", "/status")).projections.quarantined > 0 ? true : undefined,
  );
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

it("is seen on the overview and in operations, and is tried again by hand", async () => {
  const { page } = seen;
  await seen.open("/");
  await page.getByRole("link", { name: /an event could not be applied/ }).click();
  const models = page.getByRole("region", { name: "Read models" });
  await models.getByText("quarantined", { exact: true }).waitFor();
  await models.getByText(`Event ${sequence} of lane 0`, { exact: true }).waitFor();
  expect(await accessibilityFaults(seen)).toEqual([]);
  await models.getByRole("button", { name: "Retry…" }).click();
  await page.getByRole("button", { name: "Retry certificates" }).click();
  await models.getByText(/ by /).waitFor();
  // It is still damaged.
  await models.getByText("quarantined", { exact: true }).waitFor({ timeout: 20_000 });
});
