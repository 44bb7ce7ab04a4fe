/** What the host does not start on, and what `serve` wants. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { operations } from "#shared/contracts/operations";
import { clone, everyItem, run, startHost, temporaryDirectory } from "./host.ts";
import { newCsr } from "./openssl.ts";
import { expectRefusal, refusal } from "./refusal.ts";

/** A data directory with keys, a store and a certificate in it, whose host was stopped. */
let used: string;
beforeAll(async () => {
  const host = await startHost();
  used = host.directory;
  const csr = await newCsr(used, "leaf", "app.example.test");
  await host.admin.ok("POST", "/certificates", { csr });
  await host.stop();
});

function copyOfUsed(): string {
  const directory = temporaryDirectory();
  execFileSync("cp", ["-pR", `${used}/.`, directory]); // with its modes, as a restore has to
  return directory;
}

const snapshot = (directory: string): string[] =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .sort()
    .map(
      (name) =>
        `${name} ${statSync(join(directory, name)).mode.toString(8)} ${statSync(join(directory, name)).mtimeMs}`,
    );

describe("refuses to start, and says the way out", () => {
  it("on an address that is not loopback", async () => {
    for (const address of ["0.0.0.0", "192.0.2.1", "::", "localhost.example.test"])
      expectRefusal(await refusal({ settings: { TRSTCTL_BIND_ADDRESS: address } }), address, /trstctl serve/);
  });

  it("with the key encryption key inside the data directory", async () => {
    const directory = temporaryDirectory();
    const settings = { TRSTCTL_KEK_FILE: join(directory, "data", "keys", "..", "kek") };
    expectRefusal(await refusal({ directory, settings }), /lies in the data directory/, /TRSTCTL_KEK_FILE/);
    expect(existsSync(join(directory, "data"))).toBe(false);
  });

  it("on a directory that belongs to something else, and leaves it as it was", async () => {
    const directory = temporaryDirectory();
    const data = join(directory, "data");
    mkdirSync(data, { mode: 0o755 });
    writeFileSync(join(data, "letters.txt"), "mine");
    const before = snapshot(directory);
    expectRefusal(await refusal({ directory }), /not empty and not a data directory/, /TRSTCTL_DATA_DIR/);
    expect(snapshot(directory)).toEqual(before);
  });

  it("on a file", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "data"), "mine");
    expectRefusal(await refusal({ directory }), /is not a directory/, /TRSTCTL_DATA_DIR/);
  });

  it.each(["{", "[]", "null", '{"format":"trstctl-data/99"}', '{"name":"another program"}', ""])(
    "on a marker that says %j, and leaves the directory as it was",
    async (text) => {
      const directory = temporaryDirectory();
      const data = join(directory, "data");
      mkdirSync(data, { mode: 0o755 });
      writeFileSync(join(data, "trstctl.json"), text);
      const before = snapshot(directory);
      expectRefusal(await refusal({ directory }), /has format/, /choose another directory/);
      expect(snapshot(directory)).toEqual(before);
    },
  );

  it.each([
    ["overwritten", (bytes: Buffer) => Buffer.alloc(bytes.length, "no database ")],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2) - 100)],
    [
      "damaged in the middle",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(8192, 0xa5), bytes.subarray(16_384)]),
    ],
  ])("on a store that was %s, and leaves it as it was", async (_, damage) => {
    const directory = copyOfUsed();
    const store = join(directory, "data", "host", "store.db");
    const damaged = damage(readFileSync(store));
    writeFileSync(store, damaged);
    expectRefusal(await refusal({ directory }), store, /restore it from a backup/);
    expect(readFileSync(store).equals(damaged)).toBe(true);
  });

  it("on a signer's journal that was changed", async () => {
    const directory = copyOfUsed();
    const journal = join(directory, "data", "signer", "journal");
    const text = readFileSync(journal, "utf8");
    writeFileSync(journal, text.replace('"op":"sign"', '"op":"sigh"'));
    expectRefusal(await refusal({ directory }), journal, /is damaged at record \d+/, /backup/);
  });

  it("with another key encryption key, or without the one that the keys are sealed under", async () => {
    const directory = copyOfUsed();
    const kek = join(directory, "kek");
    writeFileSync(kek, Buffer.alloc(32, 7));
    expectRefusal(await refusal({ directory }), /sealed under another key encryption key/, /TRSTCTL_KEK_FILE/);
    const settings = { TRSTCTL_KEK_FILE: join(directory, "lost") };
    expectRefusal(await refusal({ directory, settings }), /does not exist/, /restore it/);
    expect(existsSync(settings.TRSTCTL_KEK_FILE), "a new one would bury the old keys").toBe(false);
  });

  it("with a key encryption key that others can read, is too short, or a link", async () => {
    const directory = copyOfUsed();
    const kek = join(directory, "kek");
    chmodSync(kek, 0o644);
    expectRefusal(await refusal({ directory }), /can be read by others/, `chmod 600 ${kek}`);
    chmodSync(kek, 0o600);
    const link = join(directory, "link");
    symlinkSync(kek, link);
    expectRefusal(await refusal({ directory, settings: { TRSTCTL_KEK_FILE: link } }), /not a regular file/);
    writeFileSync(kek, Buffer.alloc(31));
    expectRefusal(await refusal({ directory }), /has 31 bytes instead of 32/);
  });

  it.each(["TRSTCTL_HTTPS_PORT", "TRSTCTL_MTLS_PORT", "TRSTCTL_HTTP_PORT"])("on a taken port (%s)", async (setting) => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const refused = await refusal({ settings: { [setting]: String(port) } });
    expectRefusal(refused, `127.0.0.1:${port} is taken by another program`, `set ${setting} to another`);
    await new Promise((resolve) => other.close(resolve));
  });

  it("with a run directory that is too deep for sockets", async () => {
    const settings = { TRSTCTL_RUN_DIR: join(temporaryDirectory(), "x".repeat(100)) };
    expectRefusal(await refusal({ settings }), /too long for a Unix socket/, /TRSTCTL_RUN_DIR/);
  });

  it("with a run directory that others may enter, and leaves it as it was", async () => {
    const run = temporaryDirectory();
    chmodSync(run, 0o755);
    expectRefusal(await refusal({ settings: { TRSTCTL_RUN_DIR: run } }), /can be entered by others/, /TRSTCTL_RUN_DIR/);
    expect(statSync(run).mode & 0o777).toBe(0o755);
  });

  it("with settings that it does not know or cannot read: all of them at once", async () => {
    const settings = {
      TRSTCTL_HTTP_PROT: "1",
      TRSTCTL_HTTPS_PORT: "99999",
      TRSTCTL_RATE_BURST: "many",
      TRSTCTL_LOG_LEVEL: "all",
    };
    const refused = await refusal({ settings });
    expectRefusal(refused, ...Object.keys(settings).map((name) => new RegExp(`^ +- ${name}: `, "m")));
    expect(
      (await run(process.execPath, [join(clone, "cli", "trstctl.mjs"), "config", "check"], { env: { ...settings } }))
        .stderr,
    ).toContain("TRSTCTL_HTTP_PROT");
  });

  it("as `serve` without what production needs: all of it at once", async () => {
    const refused = await refusal({ mode: "serve" });
    expectRefusal(refused, /^ +- TRSTCTL_REVOCATION_BASE_URL: /m, /^ +- TRSTCTL_ACKNOWLEDGE_SAME_USER: /m);
  });

  it("as `serve` with settings that are for tests, which `up` takes", async () => {
    const forTests = { TRSTCTL_TEST_VALIDATION_PORTS: "http=5002,tls=5001", TRSTCTL_RESOLVERS: "127.0.0.1:8053" };
    const refused = await refusal({ mode: "serve", settings: forTests });
    expectRefusal(refused, /^ +- TRSTCTL_TEST_VALIDATION_PORTS: /m, /^ +- TRSTCTL_RESOLVERS: /m);
    const host = await startHost({ settings: forTests });
    await host.stop();
  });
});

describe("`serve`", () => {
  it("provisions nothing and answers nobody until a token is made on the host", async () => {
    const host = await startHost({
      mode: "serve",
      settings: { TRSTCTL_REVOCATION_BASE_URL: "http://pki.example.test/", TRSTCTL_ACKNOWLEDGE_SAME_USER: "yes" },
    });
    expect((await host.socket("GET", "/admin/tenants")).json).toEqual({ items: [] });
    expect(existsSync(join(host.data, "cli", "profile.json"))).toBe(false);
    for (const { method, path } of operations)
      expect((await host.as(undefined).send(method, path.replace(/\{\w+\}/g, "1"))).status, path).toBe(401);
    const made = await host.cli("token", "create", "--tenant", "acme");
    expect(made.code, made.stderr).toBe(0);
    const client = host.as(made.stdout.trim());
    expect(await everyItem(client, "/owners")).toEqual([]);
    // Whoever runs the host does not grant certificates by that alone.
    const csr = await newCsr(host.directory, "leaf", "app.example.test");
    const refused = await client.send("POST", "/certificates", { body: { csr } });
    expect([refused.status, refused.json.missing]).toEqual([403, ["certs:issue"]]);
    const issuers = await everyItem(client, "/issuers");
    expect(new Set(issuers.map(({ role }) => role))).toEqual(new Set(["issuing", "root"]));
    for (const { ocsp_url } of issuers) expect(ocsp_url).toMatch(/^http:\/\/pki\.example\.test\/ocsp\//);
    expect(host.stdout()).toContain("token create");
    expect(await host.interrupt()).toBe(0);
  });
});
