/** A read model that cannot apply an event: everything else goes on, somebody sees it, and once mended it is caught up by hand. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { newCsr } from "./openssl.ts";
import { eventually, type Host, type Json, startHost, temporaryDirectory } from "./host.ts";

const lane = "T#default#L#0";

/** Of a stopped host. @returns what stood there */
function write(host: Host, sk: string, body: string): string {
  const sqlite = new DatabaseSync(join(host.data, "host", "store.db"));
  try {
    const row = sqlite.prepare("SELECT body FROM item WHERE pk = ? AND sk = ?").get(lane, sk) as { body: string };
    sqlite.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?").run(body, lane, sk);
    return row.body;
  } finally {
    sqlite.close();
  }
}

const inventory = async (host: Host): Promise<Json> => (await host.admin.ok("GET", "/projections")).items[0];

it("is quarantined visibly, stays so while the event is damaged, and goes on when it is not", async () => {
  const directory = temporaryDirectory();
  const csr = await newCsr(directory, "leaf", "app.example.test");
  let host = await startHost({ directory });
  await host.admin.ok("POST", "/owners", { kind: "team", name: "to be damaged" });
  const { sequence } = (await host.admin.ok("GET", "/audit/events?limit=1")).items[0];
  await host.stop();
  // It is made to read the log anew.
  const sk = `E#${String(sequence).padStart(12, "0")}`;
  const whole = write(host, sk, "{}");
  const sqlite = new DatabaseSync(join(host.data, "host", "store.db"));
  sqlite.prepare("DELETE FROM item WHERE pk = ?").run("T#default#P#certificates");
  sqlite.close();

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

  write(host, sk, whole);
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
