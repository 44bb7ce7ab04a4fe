/** Starts signer and host as siblings, starts them again when they end, and ends them with itself (DESIGN §7). */
import "../../toolchain/no-inspector.mjs";
import { join } from "node:path";
import { hostConfig } from "#shared/contracts/config/host";
import { loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { assertPinnedRuntime, runtimeForChild } from "../../toolchain/runtime.mjs";
import { type Child, keepRunning } from "./child.ts";
import { hostCompiled, keepCompiled, lendCompiled, sharedCompiled } from "./compiled-code.ts";
import { claimDataDirectory } from "./data-directory.ts";
import { keySettings } from "./key-settings.ts";
import { hostFlags } from "./permissions.ts";
import { placeProblems } from "./places-apart.ts";
import { cloneRoot, placesOf } from "./places.ts";
import { networkProblems } from "./network-settings.ts";
import { signInFileProblems, signInFiles } from "./sign-in-settings.ts";
import { type Mode, profileProblems } from "./profile.ts";
import { readyMessage, type ReadyFacts } from "./ready-message.ts";

assertPinnedRuntime();

/** What to say of browsers, given the host's TLS root (PEM); a line each. */
export type BrowserWarning = (tlsRoot: string) => Promise<readonly string[]>;

/** Runs until it is told to stop; the process ends with it. */
export async function runSupervisor(mode: Mode, browserWarning: BrowserWarning): Promise<void> {
  try {
    await supervise(mode, browserWarning);
  } catch (error) {
    process.stderr.write(
      `trstctl: ${error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(1);
  }
}

async function supervise(mode: Mode, browserWarning: BrowserWarning): Promise<void> {
  process.umask(0o077); // whatever is made below is its owner's alone
  const config = loadConfig(
    hostConfig,
    process.env,
    [],
    [
      (settings) => profileProblems(mode, settings),
      (settings) => networkProblems(mode, settings),
      (settings) => placeProblems(placesOf(settings, process.env)),
      (settings) => signInFileProblems(settings, placesOf(settings, process.env)),
    ],
  );
  const places = placesOf(config, process.env);
  for (const change of claimDataDirectory(places)) process.stderr.write(`trstctl: ${change}\n`);
  const children: Child[] = [];
  let stopping = false;

  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // The host first: it finishes what is in work, and needs the signer for that.
    for (const child of children.toReversed()) await child.stop();
    process.exit(code);
  };

  const verified = runtimeForChild();
  // Nothing else is handed down: NODE_OPTIONS, for one, could open what the flags close. Two arenas for all threads of a
  // process: with one for each, what was freed in one is not there for another.
  const basics = {
    MALLOC_ARENA_MAX: "2",
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    ...verified,
  };
  children.push(
    keepRunning({
      name: "signer",
      flags: ["--disable-warning=ExperimentalWarning", "--no-parallel-scavenge", "--max-semi-space-size=4"],
      script: join(cloneRoot, "signer", "main.ts"),
      noCoreDump: true,
      environment: {
        ...basics,
        TRSTCTL_SIGNER_DIR: places.signer,
        TRSTCTL_SIGNER_SOCKET: places.signerSocket,
        TRSTCTL_KEK_FILE: places.kek,
        ...keySettings(process.env),
        NODE_COMPILE_CACHE: sharedCompiled,
      },
      onLine: () => undefined,
      onHopeless: () => void stop(1),
    }),
  );
  let announced = false;
  let kept = "";
  children.push(
    keepRunning({
      name: "host",
      flags: hostFlags(places, signInFiles(config)),
      script: join(cloneRoot, "infra", "local", "host.ts"),
      environment: { ...basics, ...ownSettings(), TRSTCTL_MODE: mode, NODE_COMPILE_CACHE: hostCompiled(places) },
      beforeStart: () => void (kept = lendCompiled(places)),
      onLine: (line) => {
        if (announced) return;
        announced = true;
        keepCompiled(places, kept);
        const { tlsRoot, ...facts } = JSON.parse(line) as ReadyFacts;
        const announce = (warning: readonly string[]): void =>
          void process.stdout.write(readyMessage(mode, config, places, facts, warning));
        // On a machine that serves others no browser of its own is meant.
        if (mode === "serve") announce([]);
        else void browserWarning(tlsRoot).then(announce, () => announce([]));
      },
      onHopeless: () => void stop(1),
    }),
  );
  process.on("SIGINT", () => void stop(0));
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGHUP", () => void stop(0));
}

/** What the operator set, for the host to read by the same schema. */
function ownSettings(): Record<string, string> {
  const names = new Set(Object.keys(hostConfig.shape));
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => names.has(entry[0]) && entry[1] !== undefined,
    ),
  );
}
