/** strongSwan's `pki --scep` and `--scepca` against a started host. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { eventually, fetchPlain, type Finished, type Host, run, startHost } from "#test/e2e/host";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { answered, approveAll, challenge, expected, type ScepEndpoint, scepEndpoint } from "./scep.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  return () => host.stop();
});

const at = (file: string): string => join(host.directory, file);
const words = (text: string): string[] => text.split(" ");

/** GetCACert, split into files as strongSwan tells them apart. */
async function caFiles({ label, url }: ScepEndpoint): Promise<string[]> {
  const out = `--caout ${at(`${label}-ca.pem`)} --raout ${at(`${label}-ra.pem`)} --outform pem --force`;
  const { code, stderr } = await run("pki", words(`--scepca --url ${url} ${out}`));
  expect(code, stderr).toBe(0);
  const ra = at(`${label}-ra.pem`);
  return words(
    `--cacert-enc ${ra} --cacert-sig ${ra} --cacert ${at(`${label}-ca.pem`)} --cacert ${at(`${label}-ca-1.pem`)}`,
  );
}

async function newKey(file: string): Promise<string> {
  const { code, stderr } = await run("sh", ["-c", `pki --gen --type rsa --size 2048 --outform pem > '${at(file)}'`]);
  expect(code, stderr).toBe(0);
  return at(file);
}

function scep({ url }: ScepEndpoint, key: string, name: string, more: readonly string[]): Promise<Finished> {
  const request = words(`--scep --url ${url} --in ${key} --dn CN=${name} --san ${name} --outform pem`);
  return run("pki", [...request, ...more]);
}

it("fetches CA and RA certificates, enrols with a challenge, and renews with the old certificate", async () => {
  const endpoint = await scepEndpoint(host);
  const files = await caFiles(endpoint);
  const key = await newKey("first.key");
  const password = await challenge(host, endpoint, "swan.example.com");
  const first = await scep(endpoint, key, "swan.example.com", [...files, "--password", password]);
  expect(first.code, first.stderr).toBe(0);
  writeFileSync(at("first.pem"), first.stdout);
  const enrolled = await expectEnrolled(host, first.stdout, expected(endpoint, "swan.example.com"));

  const renewal = words(`--cert ${at("first.pem")} --key ${key}`);
  const second = await scep(endpoint, await newKey("second.key"), "swan.example.com", [...files, ...renewal]);
  expect(second.code, second.stderr).toBe(0);
  expect(await answered(host, "RenewalReq", "allow")).toBe(1);
  const renewed = await expectEnrolled(host, second.stdout, expected(endpoint, "swan.example.com"));
  expect(await host.admin.ok("GET", `/certificates/${enrolled.certificate.id}`)).toMatchObject({
    status: "superseded",
    replaced_by_id: renewed.certificate.id,
  });
  await host.admin.ok("POST", `/certificates/${renewed.certificate.id}/revoke`, { reason: "superseded" });
  await expectRevoked(host, renewed, "superseded");
});

it("is served the same by HTTPS", async () => {
  const { label, url } = await scepEndpoint(host);
  const query = "?operation=GetCACaps";
  const secure = await host.as(undefined).send("GET", `//scep/${label}${query}`);
  expect([secure.status, secure.text]).toEqual([200, (await fetchPlain(url + query)).text]);
});

it("polls until somebody approves", async () => {
  const endpoint = await scepEndpoint(host, { approval: "manual" });
  const files = await caFiles(endpoint);
  const password = await challenge(host, endpoint, "poll.example.com");
  const key = await newKey("poll.key");
  const polling = scep(endpoint, key, "poll.example.com", [...files, "--password", password, "--interval", "1"]);
  expect(await eventually("a request", async () => (await approveAll(host, endpoint)) || undefined)).toBe(1);
  const { code, stdout, stderr } = await polling;
  expect(code, stderr).toBe(0);
  expect(await answered(host, "CertPoll", "allow")).toBe(1);
  await expectEnrolled(host, stdout, expected(endpoint, "poll.example.com"));
});

it("is told no for a challenge that was used", async () => {
  const endpoint = await scepEndpoint(host);
  const files = await caFiles(endpoint);
  const password = await challenge(host, endpoint, "once.example.com");
  const enrol = async (key: string) =>
    scep(endpoint, await newKey(key), "once.example.com", [...files, "--password", password]);
  expect((await enrol("once.key")).code).toBe(0);
  const again = await enrol("twice.key");
  expect(again.code).not.toBe(0);
  expect(again.stderr).toContain("badRequest");
});
