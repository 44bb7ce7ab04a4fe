/** The recipes of docs/cmp.md, run as they stand there: only port, directory and proxy are the test's. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { pemDecode } from "#shared/pki/pem";
import { everyItem, type Host, type Json, startHost } from "#test/e2e/host";
import { succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";
import { expectEnrolled } from "./enrolled.ts";

const page = readFileSync(join(root, "docs", "cmp.md"), "utf8");
const [operator = "", client = ""] = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = ""]) => block);

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host.stop());

it("endpoint and credential by the CLI, then every command of openssl cmp", async () => {
  let made: Json;
  for (const line of operator.trim().split("\n")) {
    const [npx, program, ...words] = line.replace(/\s+#.*$/, "").split(" ");
    expect([npx, program]).toEqual(["npx", "trstctl"]);
    const { code, stdout, stderr } = await host.cli(...words, "--output", "json");
    expect(code, stderr).toBe(0);
    made = JSON.parse(stdout);
  }
  const directory = join(host.directory, "recipes");
  mkdirSync(directory);
  writeFileSync(join(directory, "root.pem"), (await host.admin.ok("GET", "/issuers/root")).certificate);
  const script = client.replace("127.0.0.1:8080", new URL(host.revocationUrl).host);
  expect(script).not.toBe(client);
  const env = { ...process.env, no_proxy: "127.0.0.1", REF: made.id, SECRET: made.secret };
  await succeed("sh", ["-e", "-c", script], { cwd: directory, env });

  const all = await everyItem(host.admin, "/certificates");
  const pemOf = (file: string): string => readFileSync(join(directory, file), "utf8");
  const statusOf = (file: string) => {
    const [leaf = new Uint8Array()] = pemDecode(pemOf(file), "CERTIFICATE");
    const found = all.find(({ fingerprint }) => fingerprint === sha256Hex(leaf));
    return [found?.status, found?.revocation_reason];
  };
  expect(statusOf("ee.pem")).toEqual(["superseded", null]);
  expect(statusOf("new.pem")).toEqual(["revoked", "keyCompromise"]);
  expect(statusOf("p10.pem")).toEqual(["revoked", "superseded"]);
  await expectEnrolled(host, pemOf("other.pem"), {
    protocol: "cmp",
    endpoint: "plant",
    names: ["dns:ee.example.test"],
  });
});
