/** pebble, which the ACME server's own tests are made with: in memory, without its pauses, authorizations always reused. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pebble } from "#test/interop/tools/pebble";
import { install } from "#test/interop/tools/tool";
import { succeed } from "#test/run";
import { freePort, untilItAnswers } from "./process.ts";
import type { AcmeServer } from "./server.ts";

export async function startPebble(challengePort: number, resolver: string): Promise<AcmeServer> {
  const version = await install(pebble);
  const directory = mkdtempSync(join(tmpdir(), "pebble-"));
  const file = (name: string): string => join(directory, name);
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.pem -subj /CN=localhost -days 2";
  await succeed("openssl", [...words.split(" "), "-addext", "subjectAltName=DNS:localhost"], { cwd: directory });
  const port = await freePort();
  const settings = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${await freePort()}`,
    certificate: file("tls.pem"),
    privateKey: file("tls.key"),
    httpPort: challengePort,
    tlsPort: 1,
  };
  writeFileSync(file("pebble.json"), JSON.stringify({ pebble: settings }));
  const child = spawn("pebble", ["-config", file("pebble.json"), "-dnsserver", resolver], {
    cwd: directory,
    env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0", PEBBLE_AUTHZREUSE: "100" },
    stdio: "ignore",
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  await untilItAnswers("pebble", child, `https://localhost:${port}/dir`).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const target = { protocol: "https", port, ca: readFileSync(file("tls.pem"), "utf8") } as const;
  return { name: `pebble ${version}`, target, directory: `https://localhost:${port}/dir`, oneName: false, stop };
}
