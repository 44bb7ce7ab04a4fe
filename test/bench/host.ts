/** The real product, started as a person starts it, in a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../toolchain/runtime.mjs";
import { childOf } from "./process-usage.ts";

export interface Processes {
  readonly supervisor: number;
  readonly signer: number;
  readonly host: number;
}

export interface RunningHost {
  /** From the start of the process to the line that says so. */
  readonly secondsToReady: number;
  readonly processes: Processes;
  /** Credential and place, as the CLI has them. */
  readonly profile: { readonly url: string; readonly ca: string; readonly token: string };
  readonly revocationUrl: string;
  readonly dataDirectory: string;
  readonly storePath: string;
  stop(): Promise<void>;
  /** Stops it and removes its directory. */
  remove(): Promise<void>;
}

/** The first start of a populated host reads the whole journal. */
const readyMs = 180_000;
const stopMs = 15_000;
const maxErrorText = 2_000;

/** What must not outlive the bench, however it ends. */
const children = new Set<ChildProcess>();
const places = new Set<string>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const place of places) rmSync(place, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

export function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), "trstctl-bench-"));
  places.add(place);
  mkdirSync(join(place, "home"));
  return place;
}

/** Settings of ours only: whoever runs the bench may have their own. */
export function environment(place: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TRSTCTL_|NODE_|XDG_|npm_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: join(place, "home"),
    TRSTCTL_DATA_DIR: join(place, "data"),
    TRSTCTL_KEK_FILE: join(place, "home", "kek"),
    TRSTCTL_HTTPS_PORT: "0",
    TRSTCTL_MTLS_PORT: "0",
    TRSTCTL_HTTP_PORT: "0",
    // The limiter's own cost stays in the figures, its limit does not.
    TRSTCTL_RATE_PER_MINUTE: "1000000000",
    TRSTCTL_RATE_BURST: "1000000000",
    TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR: "1000000000",
    TRSTCTL_ENROL_PER_NAME_PER_HOUR: "1000000000",
  };
}

/** @param place made by `newPlace`; the data directory of an earlier start in it is used again @param settings beside the bench's own */
export async function startHost(
  place = newPlace(),
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningHost> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, "cli", "trstctl.mjs"), "up"], {
    cwd: root,
    env: { ...environment(place), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-maxErrorText)));
  const revocationUrl = await ready(child, () => errors);
  const secondsToReady = (performance.now() - started) / 1000;
  const supervisor = child.pid ?? 0;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(force);
  };
  return {
    secondsToReady,
    processes: {
      supervisor,
      signer: childOf(supervisor, join("signer", "main.ts")),
      host: childOf(supervisor, join("infra", "local", "host.ts")),
    },
    profile: JSON.parse(readFileSync(join(place, "data", "cli", "profile.json"), "utf8")) as RunningHost["profile"],
    revocationUrl,
    dataDirectory: join(place, "data"),
    storePath: join(place, "data", "host", "store.db"),
    stop,
    async remove() {
      await stop();
      rmSync(place, { recursive: true, force: true });
      places.delete(place);
    },
  };
}

/** @returns the address for revocation, which only the message says */
function ready(child: ChildProcess, errors: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`the host ${what}\n${errors()}`));
    };
    const timer = setTimeout(() => fail(`was not ready after ${readyMs / 1000} s`), readyMs);
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      const [, url] = /^trstctl is ready[^]*Revocation\s+(http:\S+)/.exec(text) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once("error", (error) => fail(`cannot be started: ${error.message}`));
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}
