import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { fakeTerminal, listener, scratch, type Answer, type Seen } from "./fake-host.ts";
import { durationSeconds } from "./duration.ts";
import { run } from "./program.ts";

interface AdminHost {
  readonly seen: readonly Seen[];
  readonly environment: Readonly<Record<string, string>>;
}

async function adminHost(answer: (request: Seen) => Answer): Promise<AdminHost> {
  const directory = scratch();
  const seen: Seen[] = [];
  mkdirSync(join(directory.path, "run"));
  const server = createServer(listener(seen, answer));
  await new Promise<void>((resolve) => void server.listen(join(directory.path, "run", "admin.sock"), resolve));
  onTestFinished(directory.close);
  onTestFinished(() => void server.close());
  return { seen, environment: { TRSTCTL_DATA_DIR: directory.path } };
}

test("token create: the token alone on standard output, the rest beside it", async () => {
  const host = await adminHost(() => ({
    status: 201,
    body: { token: "trst_once", id: "tok-1", tenant: "acme", subject: "admin", scopes: ["*"], expires_at: null },
  }));
  const terminal = fakeTerminal(host.environment);
  expect(
    await run(
      [
        "token",
        "create",
        "--tenant",
        "acme",
        "--tenant-name",
        "Acme",
        "--ca-key-algorithm",
        "ML-DSA-65",
        "--ca-key-backend",
        "kms",
        "--scopes",
        "certs:read,certs:issue",
        "--expires-in",
        "90d",
      ],
      terminal,
    ),
  ).toBe(0);
  expect(terminal.outText()).toBe("trst_once\n");
  expect(terminal.noteText()).toContain("tok-1");
  expect(host.seen[0]).toMatchObject({ method: "POST", url: "/admin/tokens" });
  expect(JSON.parse(host.seen[0]?.body ?? "")).toEqual({
    tenant: "acme",
    tenant_name: "Acme",
    ca_key_algorithm: "ML-DSA-65",
    ca_key_backend: "kms",
    scopes: ["certs:read", "certs:issue"],
    expires_at: "2030-04-01T00:00:00.000Z",
  });
});

test("token create: what the host would refuse is refused here, all at once", async () => {
  const terminal = fakeTerminal({});
  const wrong = [
    "--tenant",
    "A#B",
    "--scopes",
    "root",
    "--expires-in",
    "soon",
    "--ca-key-algorithm",
    "DSA",
    "--ca-key-backend",
    "tpm",
  ];
  expect(await run(["token", "create", ...wrong], terminal)).toBe(2);
  for (const flag of ["--tenant", "--scopes", "--expires-in", "--ca-key-algorithm", "--ca-key-backend"])
    expect(terminal.noteText()).toContain(`- ${flag}:`);
});

test("the host's refusal is shown", async () => {
  const host = await adminHost(() => ({
    status: 422,
    body: { detail: "the tenant is offboarded", code: "unprocessable" },
  }));
  const terminal = fakeTerminal(host.environment);
  expect(await run(["token", "create", "--tenant", "acme"], terminal)).toBe(1);
  expect(terminal.noteText()).toContain("the tenant is offboarded");
});

test("tenants list, in the run directory that is set", async () => {
  const host = await adminHost(() => ({
    status: 200,
    body: { items: [{ id: "default", name: "Default", created_at: "2030-01-01T00:00:00Z" }] },
  }));
  const terminal = fakeTerminal({ TRSTCTL_RUN_DIR: join(host.environment["TRSTCTL_DATA_DIR"] ?? "", "run") });
  expect(await run(["tenants", "list"], terminal)).toBe(0);
  expect(terminal.outText()).toContain("default  Default");
});

test("--output yaml and --query, of the host's commands too", async () => {
  const host = await adminHost(({ url }) => ({
    status: 200,
    body: url.endsWith("tls-root")
      ? { certificate: "-----BEGIN CERTIFICATE-----\nX\n-----END CERTIFICATE-----\n" }
      : { token: "trst_once", id: "tok-1", tenant: "acme" },
  }));
  const trstctl = async (...words: string[]) => {
    const terminal = fakeTerminal(host.environment);
    const code = await run(words, terminal);
    return { code, out: terminal.outText(), note: terminal.noteText() };
  };
  const mint = ["token", "create", "--tenant", "acme"];
  expect(parse((await trstctl(...mint, "-o", "yaml")).out)).toEqual({
    token: "trst_once",
    id: "tok-1",
    tenant: "acme",
  });
  expect(await trstctl(...mint, "--query", "token")).toMatchObject({ code: 0, out: "trst_once\n" });
  expect((await trstctl(...mint, "--query", "id")).note).toContain("trst_once");
  expect((await trstctl(...mint, "--query", "tokn")).note).toContain("trst_once");
  expect(parse((await trstctl("tls-root", "-o", "yaml")).out).certificate).toContain("BEGIN");
  expect((await trstctl("tls-root")).out).toMatch(/^-----BEGIN [^]*-----END CERTIFICATE-----\n$/);
  expect((await trstctl("config", "check", "--query", "TRSTCTL_HTTPS_PORT")).out).toBe("8443\n");
});

test("no host: says how to start one", async () => {
  const directory = scratch();
  onTestFinished(directory.close);
  const terminal = fakeTerminal({ TRSTCTL_DATA_DIR: directory.path });
  expect(await run(["tenants", "list"], terminal)).toBe(1);
  expect(terminal.noteText()).toContain("npm start");
});

test.each([
  ["90d", 7_776_000],
  ["12h", 43_200],
  ["30m", 1800],
  ["1w", 604_800],
  ["0d", undefined],
  ["90", undefined],
  ["-1d", undefined],
  ["999999w", undefined],
] as const)("%s", (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});
