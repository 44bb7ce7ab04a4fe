/** A real installation that lives long and is treated badly: started as a person starts it, on ports that stay. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "../../toolchain/runtime.mjs";
import { familyOf } from "../e2e/processes.ts";
import { createApi, type Api } from "./api.ts";
import type { Injector } from "./injector.ts";
import { pause } from "./random.ts";

export interface Ports {
  readonly https: number;
  readonly http: number;
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export interface Installation {
  readonly data: string;
  readonly ports: Ports;
  readonly api: Api;
  /** Until it is ready. @throws Error with what it said when it ends instead */
  start(): Promise<void>;
  /** Until it is ready again, after a child of it was ended. */
  ready(): Promise<void>;
  pid(of: Part): Promise<number>;
  runs(): boolean;
  /** kill -9; of the supervisor: until its children have followed it. */
  kill(part: Part | "all"): Promise<void>;
  /** In order. @throws Error when it does not end so */
  stop(): Promise<void>;
  /** Another program of the clone on the same data directory, to its end. */
  run(words: readonly string[], ports?: Ports): Promise<Finished>;
  /** What the installation said since it was made. */
  said(): string;
}

export type Part = "supervisor" | "host" | "signer";

const scripts = { host: join("infra", "local", "host.ts"), signer: join("signer", "main.ts") };
const bin = join(root, "cli", "trstctl.mjs");
const readyMs = 30_000;

/** What must not outlive the run, however it ends. */
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const { pid } of children) killGroup(pid);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // gone already
  }
}

export async function freePorts(): Promise<Ports> {
  const free = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const server = createServer().once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
      });
    });
  return { https: await free(), http: await free() };
}

/** @param place a directory of its own; data directory, KEK and home are made in it */
export function createInstallation(place: string, ports: Ports, injector: Injector): Installation {
  mkdirSync(join(place, "home"), { recursive: true, mode: 0o700 });
  const data = join(place, "data");
  let supervisor: ChildProcess | undefined;
  let said = "";
  const api = createApi(ports, () => profileOf(data));

  const environment = ({ https, http }: Ports): NodeJS.ProcessEnv => ({
    PATH: process.env["PATH"],
    HOME: join(place, "home"),
    TRSTCTL_DATA_DIR: data,
    TRSTCTL_KEK_FILE: join(place, "home", "kek"),
    TRSTCTL_HTTPS_PORT: String(https),
    TRSTCTL_MTLS_PORT: "0",
    TRSTCTL_HTTP_PORT: String(http),
    TRSTCTL_RATE_PER_MINUTE: "1000000000",
    TRSTCTL_RATE_BURST: "1000000000",
    ...injector.environment,
  });

  function launch(words: readonly string[], on: Ports): { child: ChildProcess; output: () => string } {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: root,
      env: environment(on),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
    return { child, output: () => output };
  }

  async function ready(): Promise<void> {
    const until = Date.now() + readyMs;
    while (!(await api.isReady())) {
      if (supervisor?.pid === undefined || !isAlive(supervisor.pid))
        throw new Error(`the installation ended with ${supervisor?.exitCode}`);
      if (Date.now() > until) throw new Error(`the installation was not ready after ${readyMs / 1000} s`);
      await pause(20);
    }
  }

  /** A child may be between two lives. */
  async function pid(part: Part): Promise<number> {
    const own = supervisor?.pid;
    if (own === undefined) throw new TypeError("pid: it was never started");
    if (part === "supervisor") return own;
    for (const until = Date.now() + readyMs; ; await pause(20)) {
      const found = familyOf(own).find(({ command }) => command.includes(scripts[part]));
      if (found !== undefined) return found.pid;
      if (Date.now() > until) throw new Error(`the supervisor has no ${part}`);
    }
  }

  async function gone(pids: readonly number[]): Promise<void> {
    const until = Date.now() + readyMs;
    while (pids.some(isAlive)) {
      if (Date.now() > until) throw new Error(`process ${pids.filter(isAlive).join(", ")} outlived what started it`);
      await pause(5);
    }
  }

  return {
    data,
    ports,
    api,
    ready,
    pid,
    runs: () => supervisor?.pid !== undefined && isAlive(supervisor.pid),
    said: () => said,
    async start() {
      const { child } = launch(["up"], ports);
      supervisor = child;
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (said += text));
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the installation was not ready in time")), readyMs);
        child.stdout?.on("data", (text: string) => text.includes("trstctl is ready") && resolve());
        child.once("exit", (code) => {
          clearTimeout(timer);
          reject(new Error(`the installation ended with ${code}\n${said.slice(-2000)}`));
        });
      });
      await ready();
    },
    async kill(part) {
      const own = supervisor?.pid;
      if (own === undefined) throw new TypeError("kill: it was never started");
      const family = familyOf(own).map((one) => one.pid);
      if (part === "host" || part === "signer") {
        const target = await pid(part);
        process.kill(target, "SIGKILL");
        return gone([target]);
      }
      if (part === "all") for (const one of family) process.kill(one, "SIGKILL");
      else process.kill(own, "SIGKILL");
      // A host that ends in order waits for those who are connected.
      api.disconnect();
      await gone(family);
    },
    async stop() {
      const child = supervisor;
      if (child?.pid === undefined || child.exitCode !== null) return;
      const family = familyOf(child.pid).map((one) => one.pid);
      const ended = once(child, "exit");
      api.disconnect();
      child.kill("SIGTERM");
      await ended;
      await gone(family);
      if (child.exitCode !== 0) throw new Error(`the installation stopped with ${child.exitCode}`);
    },
    async run(words, on = ports) {
      const { child, output } = launch(words, on);
      return new Promise((resolve) => child.once("close", (code) => resolve({ code, output: output() })));
    },
  };
}

const profileOf = (data: string): { readonly token: string; readonly ca: string } =>
  JSON.parse(readFileSync(join(data, "cli", "profile.json"), "utf8")) as { token: string; ca: string };

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
