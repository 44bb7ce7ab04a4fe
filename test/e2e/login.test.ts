/** `trstctl login` at a real host: the CLI's process waits, a signed-in session says yes over HTTP, the CLI works and ends it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { X509Certificate } from "node:crypto";
import { clone, eventually, type Host, type Json, run, startHost, temporaryDirectory } from "./host.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(async () => host?.stop());

const bin = join(clone, "cli", "trstctl.mjs");
/** Somebody else's, who knows nothing of the host's own profile. */
const home = temporaryDirectory();
const env = { PATH: process.env["PATH"], HOME: home };
const cli = (...words: string[]) => run(process.execPath, [bin, ...words], { cwd: home, env });

/** A browser's session, by the link. */
async function session(): Promise<Readonly<Record<string, string>>> {
  const secret = (await host.cli("console")).stdout.trim().split("#sign-in=")[1];
  const anyone = host.as(undefined);
  const opened = await anyone.send("POST", "//auth/local", { body: { secret } });
  const cookie = String(opened.headers["set-cookie"]).split(";")[0] ?? "";
  const { json } = await anyone.send("GET", "//auth/session", { headers: { cookie } });
  return { cookie, "x-csrf-token": json.csrf_token };
}

it("a person's yes gives the CLI a token that is listed, works, and ends with logout", async () => {
  const root = new X509Certificate((await host.cli("tls-root")).stdout).fingerprint256;
  const words = ["login", host.apiUrl, "--profile", "ev", "--ca-fingerprint", root, "--scopes", "owners:read"];
  const child = spawn(process.execPath, [bin, ...words], { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (said += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const code = await eventually("the code", () => /give this code: (\S+)/.exec(said)?.[1]);
  const headers = await session();
  const anyone = host.as(undefined);
  const yes = await anyone.send("POST", "//auth/device/decision", {
    headers,
    body: { user_code: code, approve: true },
  });
  expect(yes.json).toMatchObject({ state: "approved", scopes: ["owners:read"] });
  expect([await ended, said]).toEqual([0, expect.any(String)]);
  expect((await cli("owners", "list")).code).toBe(0);
  expect((await cli("issuers", "list")).stderr).toContain("forbidden");
  const doctor = JSON.parse((await cli("doctor", "--output", "json")).stdout) as Json;
  expect(doctor.checks).toContainEqual(
    expect.objectContaining({
      check: "token",
      finding: expect.stringMatching(/speaks for local-admin in default, until /),
    }),
  );
  expect(doctor.checks).toContainEqual(
    expect.objectContaining({ check: "pin", finding: expect.stringContaining(root) }),
  );
  const listed = (await host.admin.ok("GET", "/access/api-tokens?limit=100")).items as Json[];
  expect(listed).toContainEqual(
    expect.objectContaining({ client: expect.stringMatching(/^trstctl on /), revoked_at: null }),
  );
  const { token } = JSON.parse(readFileSync(join(home, ".config/trstctl/profiles/ev.json"), "utf8")) as Json;
  expect(host.stdout() + host.stderr() + said).not.toContain(token);
  expect((await cli("logout")).code).toBe(0);
  expect((await host.as(token).send("GET", "/owners")).status).toBe(401);
  expect((await cli("owners", "list")).stderr).toContain("trstctl login --profile ev");
});
