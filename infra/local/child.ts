/** A child process that is started again when it ends, later each time, and that ends with us. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";

export interface ChildSpec {
  readonly name: string;
  /** For Node itself. */
  readonly flags: readonly string[];
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its memory holds keys: it leaves no core dump (where there is a shell to say so). */
  readonly noCoreDump?: boolean;
  /** Before every start. */
  readonly beforeStart?: () => void;
  /** A line on its standard output. */
  readonly onLine: (line: string) => void;
  /** Ended so that starting it again cannot help. */
  readonly onHopeless: () => void;
}

export interface Child {
  /** Asks it to end, and makes it after `graceMs`. */
  stop(): Promise<void>;
  readonly pid: () => number | undefined;
}

const firstDelayMs = 100;
const maxDelayMs = 5_000;
/** A child that ran for so long starts again at once. */
const healthyMs = 10_000;
const graceMs = 8_000;
/** sysexits.h EX_CONFIG: only a person can mend this. */
const exitMisconfigured = 78;

const shell = "/bin/sh";
/** SIGUSR1 would open the inspector, and with it the process. */
const closed = "--disable-sigusr1";

/** The shell becomes the program: the pid is the child's own. */
function commandOf({ flags, script, noCoreDump = false }: ChildSpec): { program: string; words: string[] } {
  const words = [closed, ...flags, script];
  if (!noCoreDump || !existsSync(shell)) return { program: process.execPath, words };
  return { program: shell, words: ["-c", 'ulimit -c 0; exec "$0" "$@"', process.execPath, ...words] };
}

export function keepRunning(spec: ChildSpec): Child {
  let current: ChildProcess | undefined;
  let stopping = false;
  let delay = firstDelayMs;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    const startedAt = performance.now();
    // The pipe to its standard input stays open: when it closes, the child knows that we are gone, even by kill -9.
    spec.beforeStart?.();
    const { program, words } = commandOf(spec);
    const child = spawn(program, words, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...spec.environment },
    });
    current = child;
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) spec.onLine(line);
    });
    child.stdin?.on("error", () => undefined);
    child.on("error", (error) => process.stderr.write(`trstctl: ${spec.name} cannot be started: ${error.message}\n`));
    child.on("exit", (code) => {
      if (stopping) return;
      if (code === exitMisconfigured) {
        stopping = true;
        spec.onHopeless();
        return;
      }
      delay = performance.now() - startedAt > healthyMs ? firstDelayMs : Math.min(delay * 2, maxDelayMs);
      process.stderr.write(`trstctl: ${spec.name} ended (${code ?? "killed"}); starting it again in ${delay} ms\n`);
      timer = setTimeout(start, delay);
    });
  }

  start();
  return {
    pid: () => current?.pid,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const child = current;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(force);
    },
  };
}
