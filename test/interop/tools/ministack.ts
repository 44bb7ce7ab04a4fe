import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { directoryOf, pythonEnvironment, type Tool } from "./tool.ts";

/** Signs for the emulated KMS; ministack itself leaves its version open. */
const cryptography = "50.0.2";

/** An AWS emulator in one Python process: no Docker, functions run on the first `node` in its PATH. */
export const ministack: Tool = {
  name: "ministack",
  version: "1.5.33",
  install: (directory) =>
    pythonEnvironment(directory, [`ministack==${ministack.version}`, `cryptography==${cryptography}`]),
  async probe(directory) {
    if (!existsSync(python(directory))) return undefined;
    const program =
      "from importlib.metadata import version; print(version('ministack')); print(version('cryptography'))";
    const { stdout } = await run(python(directory), ["-c", program]);
    return stdout.trim() === `${ministack.version}\n${cryptography}` ? ministack.version : undefined;
  },
};

const python = (directory: string): string => join(directory, "bin", "python");

/** What `ministack/launch.py` mends of what it wraps; it says there what AWS does instead. */
const launcher = join(root, "test", "interop", "tools", "ministack", "launch.py");

const region = "eu-central-1";

export interface Ministack {
  readonly endpoint: string;
  readonly region: string;
  /** For clients of ours (`{ endpoint, region, credentials }`) and, as `AWS_…`, for programs. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly environment: Readonly<Record<string, string>>;
  /** What it and the functions in it have said so far. */
  log(): string;
  /** Returns when the process has ended, its state gone with it. */
  stop(): Promise<void>;
}

export interface MinistackOptions {
  /** IAM policies are enforced, and every function and client is who it says; without it everybody may do everything. */
  readonly auth?: boolean;
}

/**
 * After `install(ministack)`: a fresh one on a port of its own.
 * @throws Error with what it said when it is not ready within a minute
 */
export async function startMinistack({ auth = false }: MinistackOptions = {}): Promise<Ministack> {
  const state = mkdtempSync(join(tmpdir(), "ministack-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(state, "log");
  const output = openSync(logFile, "a");
  const server = spawn(python(directoryOf(ministack)), [launcher], {
    // Nothing of ours but these: the functions inherit whatever the server has.
    env: {
      PATH: [join(root, "node_modules", ".bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
      HOME: state,
      TMPDIR: state,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUTF8: "1",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: region,
      AWS_DEFAULT_REGION: region,
      SFTP_ENABLED: "0",
      IOT_MTLS_ENABLED: "0",
      AUTH: String(auth),
    },
    // It ends when its stdin does: with this process, however that ends.
    stdio: ["pipe", output, output],
  });
  const ended = once(server, "exit");
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    await ended;
    rmSync(state, { recursive: true, force: true });
  };
  const log = (): string => readFileSync(logFile, "utf8");
  await ready(endpoint, () => server.exitCode === null && server.signalCode === null, log);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return {
    endpoint,
    region,
    credentials,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    log,
    stop,
  };
}

async function ready(endpoint: string, alive: () => boolean, log: () => string): Promise<void> {
  for (let tries = 0; tries < 300 && alive(); tries += 1) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(200);
  }
  throw new Error(`ministack is not ready:\n${log()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
