import { beforeAll, expect, it } from "vitest";
import { type Answer, everyItem, eventually, type Host, startHost } from "./host.ts";
import { newCsr } from "./openssl.ts";

let host: Host;
let csr: string;
beforeAll(async () => {
  host = await startHost();
  csr = await newCsr(host.directory, "leaf", "app.example.test");
  return () => host.stop();
});

it("what is too much is refused at the door and changes nothing; a quiet tenant is let in, and what was let in is done", async () => {
  const quiet = host.as(await host.token({ tenant: "quiet", scopes: ["*"] }));
  await quiet.ok("GET", "/certificates/summary"); // known at the door from now on
  const before = (await everyItem(host.admin, "/certificates")).length;
  const answers: Answer[] = [];
  await host.crowd(400, async (crowd) => {
    const signer = host.signerPid();
    process.kill(signer, "SIGSTOP"); // whoever is in stays in
    const flood = Array.from({ length: 400 }, async () => {
      answers.push(await crowd.send("POST", "/certificates", { body: { csr } }));
    });
    try {
      // At most half of the places for one tenant: the rest has its answer while nothing is signed.
      await eventually("refusals", () => (answers.length >= 400 - 256 ? true : undefined));
      expect((await quiet.send("GET", "/certificates")).status).toBe(200);
      expect((await quiet.send("POST", "/owners", { body: { kind: "team", name: "quiet" } })).status).toBe(201);
      expect((await host.admin.send("GET", "//healthz")).status).toBe(200);
      const { text } = await host.admin.send("GET", "//metrics");
      expect(Number(/bulkhead_rejected_total (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(144);
    } finally {
      process.kill(signer, "SIGCONT");
    }
    await Promise.all(flood);
  });
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.length).toBeGreaterThanOrEqual(144);
  for (const { status, headers, json } of refused) {
    expect([status, headers["retry-after"], headers["content-type"]]).toEqual([503, "1", "application/problem+json"]);
    expect(json).toMatchObject({ status: 503, code: "overloaded", type: "urn:trstctl:problem:overloaded" });
    expect(headers["x-frame-options"]).toBe("DENY");
  }
  expect((await everyItem(host.admin, "/certificates")).length - before).toBe(answers.length - refused.length);
  expect((await host.admin.send("POST", "/certificates", { body: { csr } })).status).toBe(201);
});
