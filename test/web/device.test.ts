/** `trstctl login` as a person does it: the CLI waits in its terminal, the browser says yes, the CLI then works. */
import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clone, eventually, type Finished, type Host, run, startHost, temporaryDirectory } from "#test/e2e/host";
import { accessibilityFaults, keepLooks, originOf, signedIn, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

let host: Host;
let seen: Visit;
beforeAll(async () => {
  host = await startHost();
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

const bin = join(clone, "cli", "trstctl.mjs");
/** Another user's home: nothing of the host's own profile is in it. */
const home = temporaryDirectory();
const env = { PATH: process.env["PATH"], HOME: home };
const cli = (...words: string[]): Promise<Finished> => run(process.execPath, [bin, ...words], { cwd: home, env });

const fingerprint = async (): Promise<string> => {
  const root = join(home, "root.pem");
  writeFileSync(root, (await host.cli("tls-root")).stdout);
  const { stdout } = await run("openssl", ["x509", "-in", root, "-noout", "-fingerprint", "-sha256"]);
  return stdout.trim().split("=")[1] ?? "";
};

/** The CLI's process, until it has shown its code. */
async function login(...words: string[]) {
  const child = spawn(process.execPath, [bin, "login", ...words], {
    cwd: home,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (said.stderr += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const page = await eventually("the address", () => /code filled in: (\S+)\)/.exec(said.stderr)?.[1]);
  return { said, ended, page, code: /user_code=(\S+)/.exec(page)?.[1] ?? "" };
}

describe("trstctl login", () => {
  it("is approved in the browser after a look at the code, and the CLI issues a certificate", async () => {
    const { said, ended, page, code } = await login(
      originOf(host),
      "--profile",
      "ev",
      "--ca-fingerprint",
      await fingerprint(),
    );
    expect(page.startsWith(`${seen.origin}/device?user_code=`)).toBe(true);
    await seen.page.goto(page);
    await seen.page.getByRole("heading", { name: "Is this your terminal?" }).waitFor();
    expect(await seen.page.getByText(code, { exact: true }).count()).toBe(1);
    await seen.page.getByText(/^trstctl on /).waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "device-approval");
    await seen.page.getByRole("button", { name: "Approve" }).click();
    await seen.page.getByRole("heading", { name: "Approved" }).waitFor();
    expect([await ended, said.stdout]).toEqual([0, expect.stringContaining("local-admin")]);
    const file = join(home, ".config", "trstctl", "profiles", "ev.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(join(home, "leaf.csr"), newCsr("cli.example.test"));
    const issued = await cli("certificates", "issue", "--csr", "leaf.csr", "--out", "leaf.pem");
    expect([issued.code, issued.stderr]).toEqual([0, expect.any(String)]);
    expect(readFileSync(join(home, "leaf.pem"), "utf8")).toContain("BEGIN CERTIFICATE");
  });

  it("has a token in the list of the Access page, by the name of the program", async () => {
    await seen.open("/access");
    await seen.page
      .getByText(/^trstctl on /)
      .first()
      .waitFor();
  });

  it("is denied in the browser, and the CLI says so; a code typed by hand is found", async () => {
    const { said, ended, code } = await login("--profile", "ev");
    await seen.open("/device");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await seen.page.getByLabel("Code").fill(code.toLowerCase());
    await seen.page.keyboard.press("Enter");
    await seen.page.getByRole("button", { name: "Deny" }).click();
    await seen.page.getByRole("heading", { name: "Denied" }).waitFor();
    expect([await ended, said.stderr]).toEqual([1, expect.stringContaining("denied in the browser")]);
    expect((await cli("owners", "list")).code).toBe(0); // the token of before is still there
  });

  it("says what is wrong with a code that there is not", async () => {
    seen.expectRefusals(404);
    await seen.open("/device?user_code=BBBB-BBBB");
    await seen.page.getByText("nothing waits under this code").waitFor();
    await seen.page.getByRole("link", { name: "Type another code" }).click();
    await seen.page.getByLabel("Code").waitFor();
  });

  it("ends with trstctl logout: the token opens nothing any more, the server stays known", async () => {
    const file = join(home, ".config", "trstctl", "profiles", "ev.json");
    const { token } = JSON.parse(readFileSync(file, "utf8")) as { token: string };
    expect((await host.as(token).send("GET", "/owners")).status).toBe(200);
    expect((await cli("logout")).code).toBe(0);
    expect((await host.as(token).send("GET", "/owners")).status).toBe(401);
    expect(readFileSync(file, "utf8")).not.toContain(token);
    expect((await cli("owners", "list")).stderr).toContain("trstctl login --profile ev");
  });
});
