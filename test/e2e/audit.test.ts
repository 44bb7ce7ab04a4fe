/** The audit trail as an auditor has it: checkpoints, proofs, an export that is verified without the host, retention (I3). */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, type Json, startHost } from "./host.ts";
import { newCsr } from "./openssl.ts";

let host: Host;
let key: string;
const settings = { TRSTCTL_AUDIT_RETENTION_DAYS: "1" };
const place = (name: string): string => join(host.directory, name);

async function said(...words: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await host.cli(...words);
  return { code: code ?? -1, text: stdout + stderr };
}

async function json(...words: string[]): Promise<Json> {
  const { code, stdout, stderr } = await host.cli(...words, "--output", "json");
  expect(code, `${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return JSON.parse(stdout);
}

async function issue(name: string): Promise<string> {
  const csr = await newCsr(host.directory, name, `${name}.example.test`);
  return (await host.admin.ok("POST", "/certificates", { csr })).id;
}

const verify = (directory: string, ...more: string[]) =>
  said("audit", "verify", "--offline", place(directory), "--key", key, ...more);

beforeAll(async () => {
  host = await startHost({ settings });
  return () => host.stop();
});

describe("checkpoints, from the command line", () => {
  let id: string;
  beforeAll(async () => {
    id = await issue("alpha");
    await json("audit", "checkpoint");
    await issue("bravo");
    await json("audit", "checkpoint");
    key = (await json("audit", "key")).verifier_key;
  });

  it("are signed, listed, and prove an issuance and each other", async () => {
    const { items } = await json("audit", "checkpoints");
    expect(items.length).toBeGreaterThanOrEqual(2);
    expect(items[0].note).toMatch(
      /^trstctl\/default\/[0-9a-f]{16}\n\d+\n[A-Za-z0-9+/]{43}=\n\n\u2014 trstctl\/default\//,
    );
    const proven = await json("certificates", "inclusion", id);
    expect(JSON.parse(proven.event).data.subject).toContain("alpha.example.test");
    const consistency = await json("audit", "consistency");
    expect([consistency.from.number, consistency.to.size]).toEqual([1, items[0].size]);
  });

  it("are served as tlog-tiles, to who may read the audit trail", async () => {
    const { text, headers } = await host.admin.send("GET", "/audit/tlog/checkpoint");
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    const size = Number(text.split("\n")[1]);
    const tile = await host.admin.send("GET", `/audit/tlog/tile/0/000.p/${size}`);
    expect([tile.status, tile.bytes.length]).toEqual([200, size * 32]);
    const entries = await host.admin.send("GET", "/audit/tlog/tile/entries/000.p/1");
    expect(entries.bytes.subarray(2).toString()).toMatch(/^trstctl\/entry\/1\n0\n1\n[0-9a-f]{64}\n$/);
    for (const path of ["tile/0/000", `tile/0/000.p/${size + 1}`, "tile/0/001.p/1", "tile/1/000.p/1", "nothing"])
      expect((await host.admin.send("GET", `/audit/tlog/${path}`)).status, path).toBe(404);
    expect((await host.as(undefined).send("GET", "/audit/tlog/checkpoint")).status).toBe(401);
    const reader = host.as(await host.token({ tenant: "default", scopes: ["certs:read"] }));
    expect((await reader.send("GET", "/audit/tlog/checkpoint")).status).toBe(403);
    const other = host.as(await host.token({ tenant: "tenant-b", scopes: ["*"] }));
    await other.ok("POST", "/audit/checkpoints", {});
    expect((await other.send("GET", "/audit/tlog/checkpoint")).text).toMatch(/^trstctl\/tenant-b\//);
  });
});

describe("an export", () => {
  it("verifies offline with the key alone", async () => {
    expect(await said("audit", "export", "--to", place("export"))).toMatchObject({
      code: 0,
      text: expect.stringContaining("everything holds") as unknown,
    });
    expect(await verify("export")).toMatchObject({
      code: 0,
      text: expect.stringMatching(/tenant default: \d+ events .*everything holds/) as unknown,
    });
    expect(readdirSync(place("export")).sort()).toEqual([
      "checkpoint",
      "checkpoints",
      "events.ndjson",
      "manifest.json",
      "tile",
    ]);
    const wrongKey = await said(
      "audit",
      "verify",
      "--offline",
      place("export"),
      "--key",
      key.replace("default", "other"),
    );
    expect(wrongKey.code).toBe(2);
  });

  it("names an event that was changed, ends with 1, and is never written over", async () => {
    cpSync(place("export"), place("tampered"), { recursive: true });
    const file = join(place("tampered"), "events.ndjson");
    writeFileSync(file, readFileSync(file, "utf8").replace("alpha.example.test", "omega.example.test"));
    const { code, text } = await verify("tampered");
    expect(code).toBe(1);
    expect(text).toMatch(/event \d+ of lane 0: its text, its hash or the hash before it was changed/);
    expect((await said("audit", "export", "--to", place("export"))).code).toBe(2);
  });

  it("that is older than a checkpoint somebody kept is a rollback", async () => {
    await issue("charlie");
    const { note } = await json("audit", "checkpoint");
    writeFileSync(place("kept"), note);
    const { code, text } = await verify("export", "--against", place("kept"));
    expect(code).toBe(1);
    expect(text).toMatch(/rolled back: it covers \d+ events, the export only \d+/);
  });
});

describe("retention", () => {
  afterAll(() => rmSync(place("archive"), { recursive: true, force: true }));

  it("archives, verifies, prunes; archive, rest and host hold, also after a restart", { timeout: 60_000 }, async () => {
    await expect(
      said("audit", "prune", "--before", "2100-01-01T00:00:00Z", "--archive", place("archive"), "--yes"),
    ).resolves.toMatchObject({ code: 0, text: expect.stringContaining("nothing to prune") as unknown });
    // Two days later, as far as the cuts know.
    await host.stop();
    const store = new DatabaseSync(join(host.data, "host", "store.db"));
    store.exec(`UPDATE item SET body = json_set(body, '$.time', '2026-01-01T00:00:00.000Z') WHERE pk = 'T#default#C'`);
    store.close();
    host = await startHost({ directory: host.directory, settings });
    const asked = await said("audit", "prune", "--before", "2100-01-01T00:00:00Z", "--archive", place("archive"));
    expect(asked).toMatchObject({ code: 2, text: expect.stringContaining("add --yes") as unknown });
    const pruned = await said(
      "audit",
      "prune",
      "--before",
      "2026-06-01T00:00:00Z",
      "--archive",
      place("archive"),
      "--yes",
    );
    expect(pruned.code, pruned.text).toBe(0);
    expect(pruned.text).toMatch(/\d+ events are in .*archive and pruned on the host/);
    await issue("delta");
    for (let restarted = 0; restarted < 2; restarted++) {
      expect(await verify("archive")).toMatchObject({
        code: 0,
        text: expect.stringContaining("everything holds") as unknown,
      });
      expect(await said("audit", "verify")).toMatchObject({
        code: 0,
        text: expect.stringMatching(/\(\d+ pruned\).*the chain holds/) as unknown,
      });
      expect(await json("audit", "state")).toMatchObject({ clean: true });
      expect(await json("audit", "reconcile")).toMatchObject({ clean: true });
      await json("audit", "checkpoint");
      const rest = `rest-${restarted}`;
      expect(await said("audit", "export", "--to", place(rest))).toMatchObject({
        code: 0,
        text: expect.stringMatching(/of the events are pruned.*everything holds/) as unknown,
      });
      if (restarted > 0) break;
      await host.stop();
      host = await startHost({ directory: host.directory, settings });
    }
  });
});
