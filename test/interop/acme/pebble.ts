/** Let's Encrypt's pebble, Debian's: a second opinion on what a client is to see. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "#test/e2e/host";
import { openssl } from "#test/e2e/openssl";
import type { Ca, World } from "./world.ts";

export interface Pebble extends Ca {
  stop(): Promise<void>;
}

/** @param settings environment, such as PEBBLE_WFE_NONCEREJECT; by default it neither waits nor refuses by chance */
export async function startPebble(
  world: World,
  port: number,
  settings: Readonly<Record<string, string>> = {},
  binding?: { readonly kid: string; readonly hmac: string },
): Promise<Pebble> {
  const directory = world.directory();
  const at = (file: string): string => join(directory, file);
  await openssl(
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ["-keyout", at("tls.key"), "-out", at("tls.pem"), "-subj", "/CN=localhost"],
    ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  );
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: "127.0.0.1:0",
      certificate: at("tls.pem"),
      privateKey: at("tls.key"),
      httpPort: world.ports.http,
      tlsPort: world.ports.tls,
      ocspResponderURL: "",
      externalAccountBindingRequired: binding !== undefined,
      ...(binding !== undefined && { externalAccountMACKeys: { [binding.kid]: binding.hmac } }),
    },
  };
  writeFileSync(at("config.json"), JSON.stringify(config));
  const quiet = { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0", PEBBLE_AUTHZREUSE: "100" };
  const child = spawn("pebble", ["-config", at("config.json"), "-dnsserver", world.dns.address, "-strict", "false"], {
    env: { PATH: process.env["PATH"], ...quiet, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const exited = once(child, "exit");
  await eventually("pebble", () => {
    if (child.exitCode !== null) throw new Error(`pebble ended with ${child.exitCode}\n${said}`);
    return said.includes("ACME directory available at") || undefined;
  });
  return {
    directory: `https://localhost:${port}/dir`,
    roots: at("tls.pem"),
    async stop() {
      child.kill();
      await exited;
    },
  };
}
