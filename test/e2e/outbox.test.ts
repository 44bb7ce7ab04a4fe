/** What an operator does about effects that failed, on a real host: looks, narrows, redrives, resets a circuit. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, everyItem, eventually, type Host, type Json, startHost, temporaryDirectory } from "./host.ts";
import { newCsr } from "./openssl.ts";
import { plantEffects } from "./plant-effects.ts";

let host: Host;
let planted: readonly string[];
let certificate: string;
beforeAll(async () => {
  const directory = temporaryDirectory();
  const first = await startHost({ directory });
  const csr = await newCsr(directory, "leaf", "app.example.test");
  certificate = (await first.admin.ok("POST", "/certificates", { csr })).id;
  await first.stop();
  planted = await plantEffects(first.data, "default", "mail.send", 130);
  host = await startHost({ directory });
  await allDead(host.admin);
});
afterAll(async () => host?.stop());

const dead = async (client: Client, query = ""): Promise<Json> => client.ok("GET", `/outbox?status=dead${query}`);
const circuit = async (destination: string): Promise<Json> =>
  (await host.admin.ok("GET", "/circuits")).items.find((one: Json) => one.destination === destination);

const allDead = (client: Client) =>
  eventually("planted effects to be given up", async () =>
    (await client.ok("GET", "/circuits")).items.some((one: Json) => one.dead === 130) ? true : undefined,
  );

describe("effects for a destination that this release does not have", () => {
  it("are in the list of what was given up, by destination too, page by page", async () => {
    const mine = await dead(host.admin, "&destination=mail.send&limit=100");
    expect(mine.items).toHaveLength(100);
    const rest = await dead(host.admin, `&destination=mail.send&limit=100&cursor=${mine.next_cursor}`);
    const ids = [...mine.items, ...rest.items].map(({ id }: Json) => id);
    expect(new Set(ids)).toEqual(new Set(planted));
    expect((await dead(host.admin, "&destination=crl.publish")).items).toEqual([]);
  });

  it("are found one destination among all, whatever lies in between", async () => {
    const found: Json[] = [];
    for (let cursor = ""; ; ) {
      const page = await host.admin.ok("GET", `/outbox?destination=ocsp.rotate&limit=2${cursor}`);
      found.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    const all = (await everyItem(host.admin, "/outbox")).filter(({ destination }) => destination === "ocsp.rotate");
    expect(all.length).toBeGreaterThan(0);
    expect(found).toEqual(all);
  });

  it("say in their detail why, and nothing of their payload that is not known to be harmless", async () => {
    const answer = await host.admin.send("GET", `/outbox/${planted[0]}`);
    expect(answer.json).toMatchObject({
      destination: "mail.send",
      status: "dead",
      attempts: 1,
      does: null,
      about: {},
      last_error: expect.stringContaining("no destination is called mail.send"),
      asked_by: { lane: 0, sequence: expect.any(Number) },
    });
    expect(answer.text).not.toContain("payload-of-a-stranger");
    const { items } = await host.admin.ok("GET", "/outbox?destination=ocsp.rotate&limit=100");
    const detail = await host.admin.ok("GET", `/outbox/${items[0].id}`);
    expect(detail.about).toEqual({ issuer: expect.any(String) });
  });

  it("are all redriven, ninety in one event, and each is tried once more", async () => {
    const before = (await host.admin.ok("GET", "/audit/events?limit=1")).items[0].sequence;
    const key = "redrive-all-once";
    const first = await host.admin.send("POST", "/redrives", { body: { destination: "mail.send" }, key });
    const last = { last_id: expect.any(String), dead: 40 };
    expect(first.json).toMatchObject({ redriven: 90, ...last });
    await allDead(host.admin);
    const again = await host.admin.send("POST", "/redrives", { body: { destination: "mail.send" }, key });
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(again.json).toEqual({ ...first.json, redriven: null });
    const events = (await host.admin.ok("GET", "/audit/events?limit=100")).items.filter(
      (event: Json) => event.sequence > before,
    );
    expect(events.filter((event: Json) => event.type === "outbox.redriven")).toHaveLength(1);
    expect(events.filter((event: Json) => event.type === "outbox.dead")).toHaveLength(90);
    const none = await host.admin.send("POST", "/redrives", { body: { destination: "crl.publish" } });
    expect(none.json).toEqual({ redriven: 0, last_id: null, dead: 0 });
    const body = { destination: "mail.send", after: first.json.last_id };
    expect((await host.admin.send("POST", "/redrives", { body })).json).toMatchObject({ redriven: 40, dead: 0 });
    const nowhere = await host.admin.send("POST", "/redrives", { body: { after: "nothing" } });
    expect([nowhere.status, nowhere.json.field]).toEqual([422, "after"]);
  });

  it("are redriven by the command line too, which asks", async () => {
    const asked = await host.cli("outbox", "redrive-all", "--destination", "mail.send");
    expect(asked.code).not.toBe(0);
    const done = await host.cli("outbox", "redrive-all", "--destination", "mail.send", "--yes", "--output", "json");
    expect(JSON.parse(done.stdout)).toMatchObject({ redriven: 90 });
  });
});

describe("circuits", () => {
  it("are one for each destination, with what waits for it", async () => {
    const { items } = await host.admin.ok("GET", "/circuits");
    expect(items.map(({ destination }: Json) => destination)).toEqual([
      "crl.publish",
      "mail.send",
      "ocsp.rotate",
      "revocation.advance",
    ]);
    expect(await circuit("crl.publish")).toMatchObject({ state: "closed", breaks: false, failures: 0 });
  });

  it("count what fails, say what was said, and are reset by hand; a success closes them", async () => {
    await host.withoutSigner(async () => {
      await host.admin.ok("POST", `/certificates/${certificate}/revoke`, { reason: "superseded" });
      const failing = await eventually("a failure", async () => {
        const found = await circuit("crl.publish");
        return found.failures > 1 ? found : undefined;
      });
      expect(failing).toMatchObject({ state: "closed", breaks: false, pending: 1, failing_since: expect.any(String) });
      expect(failing.last_error).toMatch(/^unavailable: /);
      const reset = await host.admin.ok("POST", "/circuits/crl.publish/reset");
      expect(reset.reset_by).toBe((await host.admin.ok("GET", "/audit/events?limit=1")).items[0].actor.subject);
      expect(reset.failures).toBeLessThan(failing.failures);
    });
    await eventually("the CRL", async () => ((await circuit("crl.publish")).pending === 0 ? true : undefined));
    expect(await circuit("crl.publish")).toMatchObject({ failures: 0, failing_since: null, last_error: null });
  });

  it("of a destination that nobody has are not there to be reset", async () => {
    const answer = await host.admin.send("POST", "/circuits/nowhere/reset");
    expect([answer.status, answer.json.code]).toEqual([404, "not_found"]);
  });
});
