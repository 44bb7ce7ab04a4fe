/** step-ca with an ACME provisioner, its store durable as by default, validating http-01 at the bench's own port. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stepCa, stepCaProgram } from "#test/interop/tools/step-ca";
import { install } from "#test/interop/tools/tool";
import { succeed } from "#test/run";
import { freePort, untilItAnswers } from "./process.ts";
import type { AcmeServer } from "./server.ts";

export async function startStepCa(challengePort: number): Promise<AcmeServer> {
  const version = await install(stepCa);
  const directory = mkdtempSync(join(tmpdir(), "step-ca-"));
  const file = (name: string): string => join(directory, name);
  const openssl = (words: string): Promise<string> => succeed("openssl", words.split(" "), { cwd: directory });
  await openssl(
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -subj /CN=root -days 2",
  );
  await openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.csr -subj /CN=ca");
  writeFileSync(file("ca.cnf"), "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n");
  await openssl("x509 -req -in ca.csr -CA root.pem -CAkey root.key -days 2 -extfile ca.cnf -out ca.pem");
  const port = await freePort();
  writeFileSync(
    file("ca.json"),
    JSON.stringify({
      root: file("root.pem"),
      crt: file("ca.pem"),
      key: file("ca.key"),
      address: `127.0.0.1:${port}`,
      dnsNames: ["localhost"],
      db: { type: "badgerv2", dataSource: file("db") },
      authority: { provisioners: [{ type: "ACME", name: "acme" }] },
    }),
  );
  const words = ["--quiet", "--insecure", `--acme-http-port=${challengePort}`, file("ca.json")];
  const child = spawn(stepCaProgram(), words, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4_000)));
  const target = { protocol: "https", port, ca: readFileSync(file("root.pem"), "utf8") } as const;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  await untilItAnswers("step-ca", child, `https://localhost:${port}/health`).catch(async (error: unknown) => {
    await stop();
    throw new Error(said, { cause: error });
  });
  return {
    name: `step-ca ${version}`,
    target,
    directory: `https://localhost:${port}/acme/acme/directory`,
    oneName: true,
    stop,
  };
}
