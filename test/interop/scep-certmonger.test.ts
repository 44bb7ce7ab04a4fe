/** certmonger, with its SCEP helper `scep-submit`, against a started host: the daemon polls and renews by itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { eventually, type Host, run, startHost } from "#test/e2e/host";
import { succeed } from "#test/run";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { answered, approveAll, challenge, expected, type ScepEndpoint, scepEndpoint } from "./scep.ts";

let host: Host;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  host = await startHost();
  const daemon = startDaemon();
  return async () => {
    daemon.kill();
    await host.stop();
  };
});

const at = (file: string): string => join(host.directory, file);
const words = (text: string): string[] => text.split(" ");

/** With a socket and directories of its own: neither D-Bus nor anything in /var. */
function startDaemon(): ChildProcess {
  const directories = ["requests", "cas", "local", "config"].map((name) => at(`certmonger-${name}`));
  for (const directory of directories) mkdirSync(directory);
  const [requests, cas, local, config] = directories;
  environment = {
    ...process.env,
    CERTMONGER_REQUESTS_DIR: requests,
    CERTMONGER_CAS_DIR: cas,
    CERTMONGER_LOCAL_CA_DIR: local,
    CERTMONGER_CONFIG_DIR: config,
    CERTMONGER_PVT_ADDRESS: `unix:path=${at("certmonger.sock")}`,
  };
  return spawn("certmonger", ["-n", "-L", "-P", at("certmonger.sock")], { env: environment, stdio: "ignore" });
}

const getcert = async (text: string): Promise<string> => {
  const { code, stdout, stderr } = await run("getcert", words(text), { env: environment });
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};

/** @returns once the daemon has fetched what it wants from the CA */
async function addCa({ label, url }: ScepEndpoint): Promise<void> {
  await eventually("certmonger", async () => (await run("getcert", ["list-cas"], { env: environment })).code === 0);
  await getcert(`add-scep-ca -c ${label} -u ${url}`);
}

const statusOf = async (id: string): Promise<string> =>
  /status: (\S+)/.exec(await getcert(`list -i ${id}`))?.[1] ?? "unknown";

async function request({ label }: ScepEndpoint, id: string, name: string, password: string): Promise<void> {
  const files = `-k ${at(`${id}.key`)} -f ${at(`${id}.pem`)}`;
  await getcert(`request -c ${label} -I ${id} ${files} -N CN=${name} -D ${name} -L ${password}`);
}

const certificateOf = (id: string): string => readFileSync(at(`${id}.pem`), "utf8");
const monitoring = async (id: string) => (await statusOf(id)) === "MONITORING";

it("reads capabilities and CA certificates with the helper itself", async () => {
  const { url } = await scepEndpoint(host);
  const helper = (flag: string) => succeed("/usr/lib/certmonger/scep-submit", ["-u", url, flag]);
  expect(words((await helper("-c")).trim().replaceAll("\n", " "))).toContain("POSTPKIOperation");
  expect((await helper("-C")).match(/-----BEGIN CERTIFICATE-----/g)).toHaveLength(3); // RA, issuing CA, root
});

it("enrols with a challenge, and renews with the old certificate", async () => {
  const endpoint = await scepEndpoint(host);
  await addCa(endpoint);
  await request(endpoint, "first", "monger.example.com", await challenge(host, endpoint, "monger.example.com"));
  await eventually("a certificate", () => monitoring("first"));
  const first = certificateOf("first");
  const enrolled = await expectEnrolled(host, first, expected(endpoint, "monger.example.com"));

  await getcert("resubmit -i first");
  await eventually("another certificate", async () => certificateOf("first") !== first && (await monitoring("first")));
  const renewed = await expectEnrolled(host, certificateOf("first"), expected(endpoint, "monger.example.com"));
  expect(await host.admin.ok("GET", `/certificates/${enrolled.certificate.id}`)).toMatchObject({
    status: "superseded",
    replaced_by_id: renewed.certificate.id,
  });
  await host.admin.ok("POST", `/certificates/${renewed.certificate.id}/revoke`, { reason: "superseded" });
  await expectRevoked(host, renewed, "superseded");
});

it("is refused without a challenge, and says so", async () => {
  const endpoint = await scepEndpoint(host);
  await addCa(endpoint);
  await request(endpoint, "refused", "monger.example.com", "no-challenge");
  await eventually("a refusal", async () => (await statusOf("refused")) === "CA_REJECTED");
  // RFC 8894 3.2.1.4: badRequest, in certmonger's words; it does not show failInfoText.
  expect(await getcert("list -i refused")).toContain("Transaction either is not permitted or is not supported");
});

it("polls until somebody approves", async () => {
  const endpoint = await scepEndpoint(host, { approval: "manual" });
  await addCa(endpoint);
  await request(endpoint, "waiting", "wait.example.com", await challenge(host, endpoint, "wait.example.com"));
  await eventually("a request", async () => (await statusOf("waiting")) === "CA_WORKING");
  // It would ask by itself in an hour or so, and by the request itself: it sends no CertPoll.
  await getcert("refresh -i waiting");
  await eventually("a second question", async () => (await answered(host, "PKCSReq", "pending")) === 2);
  expect(await approveAll(host, endpoint)).toBe(1);
  await getcert("refresh -i waiting");
  await eventually("a certificate", () => monitoring("waiting"));
  await expectEnrolled(host, certificateOf("waiting"), expected(endpoint, "wait.example.com"));
});
