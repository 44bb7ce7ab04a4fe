/** The signer's process: started by the supervisor, ends with it. */
import { existsSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { assertPinnedRuntime } from "../toolchain/runtime.mjs";
import { signerConfig } from "./config.ts";
import { openJournal } from "./journal.ts";
import { createKek, readKek } from "./keys/kek.ts";
import { openKeyStore } from "./keys/sealed.ts";
import { serveSigner } from "./server.ts";
import { createSignerService } from "./service.ts";

assertPinnedRuntime();

async function start(): Promise<void> {
  const config = loadConfig(signerConfig, process.env);
  const directory = config.TRSTCTL_SIGNER_DIR;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if ((lstatSync(directory).mode & 0o077) !== 0)
    throw new Failure("misconfigured", `${directory} can be entered by others; chmod 700 ${directory}`);
  const keyDirectory = join(directory, "keys");
  const empty = !existsSync(keyDirectory) || readdirSync(keyDirectory).length === 0;
  // Never a new KEK beside old keys: they would be lost without a word.
  if (empty && !existsSync(config.TRSTCTL_KEK_FILE)) createKek(config.TRSTCTL_KEK_FILE);
  const kek = readKek(config.TRSTCTL_KEK_FILE);
  const service = await createSignerService({
    keys: openKeyStore(keyDirectory, kek),
    clock: { now: () => Date.now() },
    openJournal: (onRecord) => openJournal(join(directory, "journal"), onRecord),
  });
  const server = await serveSigner(service, config.TRSTCTL_SIGNER_SOCKET);
  const flushing = setInterval(() => void service.flush(), 5_000);
  const stop = async (): Promise<void> => {
    clearInterval(flushing);
    server.close();
    await service.flush();
    kek.wipe();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => undefined); // the supervisor decides
  // The pipe from the supervisor closes when it dies, however it dies.
  process.stdin.resume();
  process.stdin.on("end", () => void stop());
  process.stdout.write("ready\n");
}

try {
  await start();
} catch (error) {
  process.stderr.write(
    `signer: ${error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  const hopeless = error instanceof Failure && (error.code === "misconfigured" || error.code === "corrupt");
  process.exit(hopeless ? 78 : 1); // EX_CONFIG: starting again cannot help
}
