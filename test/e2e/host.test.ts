/** The host as a process: what it refuses to start on, what it survives, what it keeps from itself. */
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  cpSync,
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
import { hostFlags } from "#infra/local/permissions";
import { placesOf } from "#infra/local/places";
import { hostConfig } from "#shared/contracts/config/host";
import {
  type Answer,
  clone,
  eventually,
  everyItem,
  type Finished,
  type Host,
  isAlive,
  type Json,
  refusal,
  run,
  settingsIn,
  startHost,
  temporaryDirectory,
} from "./host.ts";
import { bundleFiles, newCsr, ocspStatus, verifyChain } from "./openssl.ts";

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
  cpSync(used, directory, { recursive: true });
  return directory;
}

/** Ended by itself with a message for people, naming what is wrong and the way out. */
function expectRefusal({ code, stdout, stderr }: Finished, ...texts: (string | RegExp)[]): void {
  expect(code, stderr).toBe(1);
  expect(stdout).not.toContain("ready");
  for (const text of texts) expect(stderr).toMatch(text);
  expect(stderr, "a stack is not for people").not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
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

  it.each(["TRSTCTL_HTTPS_PORT", "TRSTCTL_HTTP_PORT"])("on a taken port (%s)", async (setting) => {
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

const issueOne = (host: Host, csr: string, key: string): Promise<Answer | undefined> =>
  host.admin.send("POST", "/certificates", { body: { csr }, key }).catch(() => undefined);

/** Many issuances at once, each under its own key, while `accident` happens. @returns acknowledged ids by key */
async function underLoad(
  host: Host,
  csr: string,
  accident: () => Promise<void>,
): Promise<Map<string, string | undefined>> {
  const outcome = new Map<string, string | undefined>();
  const enough = 40;
  let acknowledged = 0;
  /** Until its first request that is not acknowledged. */
  const worker = async (): Promise<void> => {
    for (;;) {
      const key = randomUUID();
      outcome.set(key, undefined);
      const answer = await issueOne(host, csr, key);
      if (answer?.status !== 201) return expect([503, undefined]).toContain(answer?.status);
      outcome.set(key, answer.json.id);
      acknowledged++;
    }
  };
  const trouble = async (): Promise<void> => {
    await eventually("some certificates", () => acknowledged >= enough || undefined);
    await accident();
  };
  await Promise.all([trouble(), ...Array.from({ length: 16 }, worker)]);
  return outcome;
}

/** Nothing acknowledged is lost, nothing that is tried again under its key is done twice, and the books are in order. */
async function expectNothingLost(
  host: Host,
  csr: string,
  outcome: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  for (const [key, id] of outcome) {
    const again = await host.admin.send("POST", "/certificates", { body: { csr }, key });
    expect(again.status, again.text).toBe(201);
    if (id !== undefined) expect([again.json.id, again.headers["idempotency-replayed"]]).toEqual([id, "true"]);
  }
  const leaves = (await everyItem(host.admin, "/certificates")).filter(({ kind }) => kind === "leaf");
  expect(leaves).toHaveLength(outcome.size);
  expect(new Set(leaves.map(({ serial }) => serial)).size).toBe(outcome.size);
  const verified = await host.cli("audit", "verify");
  expect(verified.stdout, verified.stderr).toContain("the chain holds");
  const report = await host.admin.ok("POST", "/audit/reconcile");
  expect(report).toMatchObject({ clean: true, repaired: [], unjournalled: [], in_flight: 0 });
  expect(report.recorded).toBe(report.signatures);
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

const ready = (host: Host): Promise<true> =>
  eventually("a host that is ready", async () =>
    (
      await host
        .as(undefined)
        .send("GET", "//readyz")
        .catch(() => undefined)
    )?.status === 200
      ? true
      : undefined,
  );

describe("when a process is killed", () => {
  let host: Host;
  let csr: string;
  beforeAll(async () => {
    const settings = { TRSTCTL_HTTPS_PORT: await freePort(), TRSTCTL_HTTP_PORT: await freePort() };
    host = await startHost({ settings });
    csr = await newCsr(host.directory, "leaf", "app.example.test");
  });

  const before = new Map<string, string | undefined>();

  it("the host, by kill -9 under load: nothing acknowledged is lost, nothing is done twice", async () => {
    const outcome = await underLoad(host, csr, async () => {
      const victim = host.hostPid();
      process.kill(victim, "SIGKILL");
      await eventually("its end", () => !isAlive(victim) || undefined);
    });
    await ready(host);
    await expectNothingLost(host, csr, outcome);
    for (const [key, id] of outcome) before.set(key, id);
  });

  it("the signer, by kill -9 under load: 503 meanwhile, then it goes on with its keys", async () => {
    const issuers = await everyItem(host.admin, "/issuers");
    const outcome = await underLoad(host, csr, async () => {
      await host.withoutSigner(async () => {
        const answer = await host.admin.send("POST", "/certificates", { body: { csr } });
        expect([answer.status, answer.json.code], answer.text).toEqual([503, "unavailable"]);
        expect(answer.headers["retry-after"]).toMatch(/^[1-9]/);
        expect((await host.as(undefined).send("GET", "//healthz")).status).toBe(200);
      });
    });
    for (const [key, id] of before) outcome.set(key, id);
    await expectNothingLost(host, csr, outcome);
    expect(await everyItem(host.admin, "/issuers")).toEqual(issuers);
    const leaf = await host.admin.ok("POST", "/certificates", { csr });
    const root = await host.admin.ok("GET", "/issuers/root");
    const bundle = bundleFiles(host.directory, "after", [leaf.certificate, ...leaf.chain].join(""), root.certificate);
    expect((await verifyChain(bundle)).code).toBe(0);
    expect(await ocspStatus(bundle)).toBe("good");
  });

  it("the supervisor, by kill -9: its children end too, and the directory can be used again", async () => {
    const pids = host.processes().map(({ pid }) => pid);
    expect(pids).toHaveLength(3);
    process.kill(host.pid, "SIGKILL");
    for (const pid of pids) await eventually(`the end of ${pid}`, () => !isAlive(pid) || undefined);
    const again = await startHost({ directory: host.directory });
    expect((await everyItem(again.admin, "/certificates")).length).toBeGreaterThan(before.size);
    expect(again.adminToken).toBe(host.adminToken);
    expect(await again.interrupt()).toBe(0);
  });
});

describe("one beside the other", () => {
  let hosts: [Host, Host];
  beforeAll(async () => {
    hosts = await Promise.all([startHost(), startHost()]);
  });

  it("two hosts with directories of their own run and issue, each under its own root", async () => {
    const bundles = await Promise.all(
      hosts.map(async (host) => {
        const csr = await newCsr(host.directory, "leaf", "app.example.test");
        const leaf: Json = await host.admin.ok("POST", "/certificates", { csr });
        const root = await host.admin.ok("GET", "/issuers/root");
        return bundleFiles(host.directory, "leaf", [leaf.certificate, ...leaf.chain].join(""), root.certificate);
      }),
    );
    const [one, other] = bundles as [(typeof bundles)[0], (typeof bundles)[0]];
    expect((await verifyChain(one)).code).toBe(0);
    expect((await verifyChain({ ...one, root: other.root })).code).not.toBe(0);
    expect(await Promise.all([ocspStatus(one), ocspStatus(other)])).toEqual(["good", "good"]);
    const [a, b] = hosts;
    expect((await b.as(a.adminToken).send("GET", "/owners")).status).toBe(401);
  });

  it("the CLI of one refuses the other in its place: another CA", async () => {
    const [a, b] = hosts;
    const profile = JSON.parse(readFileSync(join(a.data, "cli", "profile.json"), "utf8"));
    const path = join(a.directory, "swapped.json");
    writeFileSync(path, JSON.stringify({ ...profile, url: b.apiUrl }), { mode: 0o600 });
    const { code, stderr } = await run(process.execPath, [join(clone, "cli", "trstctl.mjs"), "owners", "list"], {
      env: { PATH: process.env["PATH"], TRSTCTL_PROFILE: path },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("the host's TLS CA changed");
  });

  it("a second host on a directory in use is refused, and the first goes on", async () => {
    const [a] = hosts;
    expectRefusal(await refusal({ directory: a.directory }), /is in use by another trstctl/, /TRSTCTL_DATA_DIR/);
    expect((await a.as(undefined).send("GET", "//readyz")).status).toBe(200);
    await a.admin.ok("POST", "/owners", { kind: "team", name: "still here" });
  });

  it("Ctrl-C ends all of it, and so does a SIGTERM to the supervisor: exit 0", async () => {
    const [a, b] = hosts;
    const pids = hosts.flatMap((host) => host.processes().map(({ pid }) => pid));
    expect(pids).toHaveLength(6);
    process.kill(b.pid, "SIGTERM");
    expect(await Promise.all([a.interrupt(), b.exited])).toEqual([0, 0]);
    expect(pids.filter(isAlive)).toEqual([]);
    for (const host of hosts) expect(host.stderr(), "an orderly life is a quiet one").toBe("");
  });
});

describe("what the host may not", () => {
  it("code in its process reads neither key encryption key nor keys nor journal, and starts nothing", async () => {
    const directory = copyOfUsed();
    const places = placesOf(hostConfig.parse(settingsIn(directory)), {});
    const [keyFile = ""] = readdirSync(join(places.signer, "keys", "default"));
    const secrets = {
      kek: places.kek,
      journal: join(places.signer, "journal"),
      key: join(places.signer, "keys", "default", keyFile),
      marker: join(places.data, "trstctl.json"),
    };
    const attempts: Record<string, string> = {
      listSigner: `fs.readdirSync(${JSON.stringify(places.signer)})`,
      makeInSigner: `fs.writeFileSync(${JSON.stringify(join(places.signer, "new"))}, "x")`,
      linkToKek: `fs.symlinkSync(${JSON.stringify(places.kek)}, ${JSON.stringify(join(places.host, "link"))})`,
      processFile: `fs.readFileSync("/proc/self/environ")`,
      spawn: `child.spawn(process.execPath, ["--version"])`,
      exec: `child.execFileSync("/bin/true")`,
      worker: `new threads.Worker("1", { eval: true })`,
      addon: `process.dlopen({ exports: {} }, "/nothing.node")`,
      inspector: `inspector.open(0)`,
    };
    for (const [name, path] of Object.entries(secrets)) {
      attempts[`read ${name}`] = `fs.readFileSync(${JSON.stringify(path)})`;
      attempts[`open ${name}`] = `fs.openSync(${JSON.stringify(path)}, "r+")`;
      attempts[`remove ${name}`] = `fs.rmSync(${JSON.stringify(path)})`;
      attempts[`move ${name}`] =
        `fs.renameSync(${JSON.stringify(path)}, ${JSON.stringify(join(places.host, "stolen"))})`;
      attempts[`copy ${name}`] =
        `fs.copyFileSync(${JSON.stringify(path)}, ${JSON.stringify(join(places.host, "copy"))})`;
      attempts[`link ${name}`] = `fs.linkSync(${JSON.stringify(path)}, ${JSON.stringify(join(places.host, "hard"))})`;
      attempts[`database ${name}`] =
        `{ const db = new sqlite.DatabaseSync(${JSON.stringify(path)}); db.exec("CREATE TABLE t (x)"); }`;
    }
    const script = `
      const fs = require("node:fs"), child = require("node:child_process"), threads = require("node:worker_threads");
      const sqlite = require("node:sqlite"), inspector = require("node:inspector");
      const outcome = {};
      const attempts = {
        ${Object.entries(attempts)
          .map(([name, code]) => `${JSON.stringify(name)}: () => { ${code} }`)
          .join(",\n")},
        "own file": () => fs.writeFileSync(${JSON.stringify(join(places.host, "own"))}, "x"),
        "own code": () => fs.readFileSync(${JSON.stringify(join(clone, "package.json"))}),
      };
      for (const [name, attempt] of Object.entries(attempts))
        try { attempt(); outcome[name] = "done"; } catch (error) { outcome[name] = error.code ?? String(error); }
      console.log(JSON.stringify(outcome));
    `;
    const before = Object.values(secrets).map((path) => readFileSync(path, "hex"));
    const { stdout, stderr } = await run(process.execPath, [...hostFlags(places), "-e", script], { env: {} });
    expect(stderr).toBe("");
    const outcome = JSON.parse(stdout) as Record<string, string>;
    const { "own file": ownFile, "own code": ownCode, ...denied } = outcome;
    expect([ownFile, ownCode]).toEqual(["done", "done"]); // the flags are in force, not broken
    expect(Object.keys(denied)).toHaveLength(Object.keys(attempts).length);
    for (const [name, code] of Object.entries(denied))
      expect(code, name).toMatch(
        name.startsWith("database") ? /^ERR_SQLITE_ERROR$/ : /^ERR_(ACCESS_DENIED|DLOPEN_DISABLED)$/,
      );
    expect(Object.values(secrets).map((path) => readFileSync(path, "hex"))).toEqual(before);
    expect(existsSync(join(places.signer, "new"))).toBe(false);
  });

  it("its flags are those of the running process, and what it keeps is its owner's alone", async () => {
    const host = await startHost();
    const places = placesOf(hostConfig.parse(host.settings), {});
    const command = host.processes().find(({ pid }) => pid === host.hostPid())?.command ?? "";
    for (const flag of hostFlags(places)) expect(command).toContain(` ${flag} `);
    const modes = readdirSync(host.data, { recursive: true })
      .map((name) => join(host.data, String(name)))
      .map((path) => `${path} ${(statSync(path).mode & 0o077).toString(8)}`);
    expect(modes.filter((line) => !line.endsWith(" 0"))).toEqual([]);
    expect(statSync(places.kek).mode & 0o777).toBe(0o600);
    const said = host.stdout() + host.stderr();
    const kek = readFileSync(places.kek);
    for (const secret of [host.adminToken, kek.toString("hex"), kek.toString("base64"), "PRIVATE KEY"])
      expect(said).not.toContain(secret);
    expect(await host.interrupt()).toBe(0);
  });
});
