/** SCEP clients in Go against a started host: smallstep's library, and micromdm's scepclient, which is too old for us. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { eventually, type Finished, type Host, run, startHost } from "#test/e2e/host";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { answered, approveAll, challenge, expected, type ScepEndpoint, scepEndpoint } from "./scep.ts";
import { scepclientProgram } from "./tools/scepclient.ts";
import { scepgoProgram } from "./tools/scepgo.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  return () => host.stop();
});

const at = (file: string): string => join(host.directory, file);

function enrol({ url }: ScepEndpoint, name: string, file: string, ...more: readonly string[]): Promise<Finished> {
  const files = ["-key", at(`${file}.key`), "-cert", at(`${file}.pem`)];
  return run(scepgoProgram(), ["-url", url, "-name", name, ...files, ...more]);
}

const certificateOf = (file: string): string => readFileSync(at(`${file}.pem`), "utf8");

it("smallstep/scep enrols with a challenge, and renews with the old certificate", async () => {
  const endpoint = await scepEndpoint(host);
  const name = "go.example.com";
  const first = await enrol(endpoint, name, "first", "-challenge", await challenge(host, endpoint, name));
  expect(first.code, first.stderr).toBe(0);
  const enrolled = await expectEnrolled(host, certificateOf("first"), expected(endpoint, name));
  const old = ["-old-key", at("first.key"), "-old-cert", at("first.pem")];
  const second = await enrol(endpoint, name, "second", ...old);
  expect(second.code, second.stderr).toBe(0);
  expect(await answered(host, "RenewalReq", "allow")).toBe(1);
  const renewed = await expectEnrolled(host, certificateOf("second"), expected(endpoint, name));
  expect(await host.admin.ok("GET", `/certificates/${enrolled.certificate.id}`)).toMatchObject({
    status: "superseded",
    replaced_by_id: renewed.certificate.id,
  });
  await host.admin.ok("POST", `/certificates/${renewed.certificate.id}/revoke`, { reason: "superseded" });
  await expectRevoked(host, renewed, "superseded");
});

// The library has no CertPoll: who waits sends the same request again.
it("smallstep/scep sends its request again until somebody approves", async () => {
  const endpoint = await scepEndpoint(host, { approval: "manual" });
  const name = "wait.example.com";
  const password = await challenge(host, endpoint, name);
  const waiting = enrol(endpoint, name, "waiting", "-challenge", password, "-patience", "60");
  await eventually("two questions", async () => (await answered(host, "PKCSReq", "pending")) >= 2 || undefined);
  expect(await approveAll(host, endpoint)).toBe(1);
  const { code, stderr } = await waiting;
  expect(code, stderr).toBe(0);
  await expectEnrolled(host, certificateOf("waiting"), expected(endpoint, name));
});

it("smallstep/scep is told no for a wrong challenge, and reads why", async () => {
  const endpoint = await scepEndpoint(host);
  const { code, stderr } = await enrol(endpoint, "go.example.com", "refused", "-challenge", "a.b");
  expect(code).toBe(1);
  expect(stderr).toContain("refused: badRequest");
});

// Single DES and SHA-1 are all that it writes (docs/design/0055): not even `legacy_algorithms` takes the first.
it("micromdm's scepclient is told that its algorithms are not served", async () => {
  const endpoint = await scepEndpoint(host, { legacy_algorithms: true });
  const name = "old.example.com";
  const words = ["-server-url", endpoint.url, "-challenge", await challenge(host, endpoint, name), "-cn", name];
  const files = ["-private-key", at("old.key"), "-certificate", at("old.pem"), "-key-encipherment-selector"];
  const { code, stdout, stderr } = await run(scepclientProgram(), [...words, "-dnsname", name, ...files]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("badAlg");
});
