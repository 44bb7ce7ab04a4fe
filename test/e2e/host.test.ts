/** The host as a process: what it survives, what it keeps from itself. */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hostFlags } from "#infra/local/permissions";
import { placesOf } from "#infra/local/places";
import { hostConfig } from "#shared/contracts/config/host";
import { type Answer, clone, eventually, everyItem, type Host, type Json, run, startHost } from "./host.ts";
import { bundleFiles, newCsr, ocspStatus, verifyChain } from "./openssl.ts";
import { isAlive } from "./processes.ts";
import { expectRefusal, refusal } from "./refusal.ts";

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
  let host: Host;
  beforeAll(async () => {
    host = await startHost();
    return () => host.stop();
  });

  it("code in its process reads neither key encryption key nor keys nor journal, and starts nothing", async () => {
    const places = placesOf(hostConfig.parse(host.settings), {});
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
        "own file": () => fs.writeFileSync(${JSON.stringify(join(places.host, "own"))}, "x", { mode: 0o600 }),
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
    // The signer may have added to its journal meanwhile; nobody else, and nothing else.
    for (const [at, path] of Object.values(secrets).entries())
      expect(readFileSync(path, "hex").startsWith(before[at] ?? "-"), path).toBe(true);
    expect(existsSync(join(places.signer, "new"))).toBe(false);
  });

  it("its flags are those of the running process, and what it keeps is its owner's alone", async () => {
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
  });
});
