/** The bridge's process. It has no agents to serve yet: it listens, answers its health check and refuses, and goes in order. */
import { loadConfig } from "#shared/kernel/config";
import { isFailure } from "#shared/kernel/failure";
import { bridgeConfig } from "./config.ts";
import { serveBridge } from "./server.ts";
import { throwAwayCertificate } from "./throw-away-certificate.ts";

/** One JSON line each, as the functions' logs. */
const say = (line: Readonly<Record<string, unknown>>): void =>
  void process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), function: "bridge", ...line })}\n`);

async function start(): Promise<void> {
  const config = loadConfig(bridgeConfig, process.env);
  const bridge = await serveBridge({
    host: config.TRSTCTL_BRIDGE_HOST,
    port: config.TRSTCTL_BRIDGE_PORT,
    healthPort: config.TRSTCTL_BRIDGE_HEALTH_PORT,
    tls: throwAwayCertificate(Date.now()),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      say({ level: "info", message: "draining" });
      void bridge.drain(config.TRSTCTL_BRIDGE_DRAIN_SECONDS * 1_000).then(() => {
        say({ level: "info", message: "gone" });
      });
    });
  say({ level: "info", message: "listening", port: bridge.port, healthPort: bridge.healthPort });
}

start().catch((error: unknown) => {
  const message = isFailure(error) ? error.message : error instanceof Error ? (error.stack ?? "") : String(error);
  say({ level: "error", message });
  process.exitCode = 1;
});
