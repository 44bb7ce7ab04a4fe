/** A read model that cannot apply an event: everything else goes on, somebody sees it, and once mended it is caught up by hand. */
import { expect, it } from "vitest";
import { newCsr } from "./openssl.ts";
import { forgetReadModel, replaceEvent } from "./stored-event.ts";
import { eventually, type Host, type Json, startHost, temporaryDirectory } from "./host.ts";

const inventory = async (host: Host): Promise<Json> => (await host.admin.ok("GET", "/projections")).items[0];

it("is quarantined visibly, stays so while the event is damaged, and goes on when it is not", async () => {
  const directory = temporaryDirectory();
  const csr = await newCsr(directory, "leaf", "app.example.test");
  let host = await startHost({ directory });
  await host.admin.ok("POST", "/owners", { kind: "team", name: "to be damaged" });
  const { sequence } = (await host.admin.ok("GET", "/audit/events?limit=1")).items[0];
  await host.stop();
  // It is made to read the log anew.
  const whole = replaceEvent(host.data, sequence, "{}");
  forgetReadModel(host.data, "certificates");

  host = await startHost({ directory });
  const found = await eventually("the quarantine", async () => {
    const one = await inventory(host);
    return one?.quarantined.length > 0 ? one : undefined;
  });
  expect(found.quarantined).toEqual([
    { lane: 0, sequence, error: expect.any(String), events_behind: expect.any(Number) },
  ]);
  expect((await host.admin.ok("GET", "/status")).projections.quarantined).toBe(1);
  await host.admin.ok("POST", "/certificates", { csr });
  await host.admin.ok("POST", "/projections/certificates/retry");
  await eventually("another quarantine", async () =>
    (await inventory(host)).quarantined.length > 0 ? true : undefined,
  );
  expect(await inventory(host)).toMatchObject({ name: "certificates", retried_by: expect.any(String) });
  await host.stop();

  replaceEvent(host.data, sequence, whole);
  host = await startHost({ directory });
  const { items } = await host.admin.ok("GET", "/projections");
  expect(items[0].quarantined).toHaveLength(1); // nobody has said so yet
  await host.admin.ok("POST", "/projections/certificates/retry");
  await eventually("the read model to be as new as the log", async () => {
    const { quarantined, events_behind } = await inventory(host);
    return quarantined.length === 0 && events_behind === 0 ? true : undefined;
  });
  expect((await host.admin.ok("GET", "/certificates/summary")).total.issued).toBe(1);
  expect((await host.admin.send("POST", "/projections/nothing/retry")).status).toBe(404);
  await host.stop();
});
