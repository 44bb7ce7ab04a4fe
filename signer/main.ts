/** The signer's process: started by the supervisor, ends with it. */
import "../toolchain/no-inspector.mjs";
import { existsSync } from "node:fs";
import { loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { assertPinnedRuntime } from "../toolchain/runtime.mjs";
import { backendProblems, signerConfig } from "./config.ts";
import { lockSignerDirectory, openSignerDirectory } from "./directory.ts";
import { openJournal, rememberedBeside } from "./journal.ts";
import { recheckJournal } from "./journal-check.ts";
import { claimsInMemory } from "./keys/key-claims.ts";
import { createKek, readKek } from "./keys/kek.ts";
import { openKeyStore } from "./keys/key-files.ts";
import { openBackends } from "./open-backends.ts";
import { openMemory } from "./remembered.ts";
import { serveSigner } from "./server.ts";
import { createSignerService } from "./service.ts";

assertPinnedRuntime();

/** How long the answers to those who were waiting may take to leave. */
const partingMs = 100;

/** What stands behind a failed write cannot be trusted: the next start reads what is really there. */
function giveUp(): void {
  process.stderr.write("signer: the journal cannot be written; free space. It is started again until that works\n");
  setTimeout(() => process.exit(1), partingMs);
}

function sayTorn(bytes: number): void {
  process.stderr.write(`signer: ${bytes} bytes at the end of the journal were never answered for and are cut off\n`);
}

async function start(): Promise<void> {
  const config = loadConfig(signerConfig, process.env, [], [backendProblems]);
  const { keys, journal, fresh } = openSignerDirectory(config.TRSTCTL_SIGNER_DIR);
  lockSignerDirectory(config.TRSTCTL_SIGNER_DIR);
  // Never a new KEK beside old keys: they would be lost without a word.
  if (fresh && !existsSync(config.TRSTCTL_KEK_FILE)) createKek(config.TRSTCTL_KEK_FILE);
  const kek = readKek(config.TRSTCTL_KEK_FILE);
  const memory = openMemory(rememberedBeside(journal), kek);
  const service = await createSignerService({
    keys: await openBackends({
      config,
      sealed: openKeyStore(keys, kek),
      claims: claimsInMemory,
      warn: (line) => process.stderr.write(`signer: ${line}\n`),
    }),
    caKeys: config.TRSTCTL_CA_KEYS,
    clock: { now: () => Date.now() },
    openJournal: (onRecord, from) => openJournal(journal, onRecord, { onBroken: giveUp, onTorn: sayTorn, from }),
    memory,
  });
  const server = await serveSigner(service, config.TRSTCTL_SIGNER_SOCKET);
  const tidy = async (): Promise<void> => {
    await service.flush();
    await service.remember();
  };
  const flushing = setInterval(() => void tidy().catch(() => undefined), 5_000);
  const stop = async (): Promise<void> => {
    clearInterval(flushing);
    server.close();
    await tidy().catch(() => undefined); // the journal is broken: what was counted is lost with it
    kek.wipe();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => undefined); // the supervisor decides
  // The pipe from the supervisor closes when it dies, however it dies.
  process.stdin.resume();
  process.stdin.on("end", () => void stop());
  process.stdout.on("error", () => void stop()); // so it does when it dies before this is said
  process.stdout.write("ready\n");
  const { remembered } = memory;
  if (remembered === undefined) return;
  await recheckJournal(journal, remembered.journal).catch((error: unknown) => {
    // The next start reads everything, and says where the damage is.
    memory.forget();
    throw error;
  });
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
