/** A real host for the end-to-end tests: the bin, its signer, its SQLite file, on free ports in a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Readable } from "node:stream";
import { beforeAll } from "vitest";
import { type Finished, run } from "#test/run";
import { familyOf, isAlive, signalGroup } from "./processes.ts";

export { type Finished, run } from "#test/run";

export const clone = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(clone, "cli", "trstctl.mjs");

/** What came over a wire: its shape is what the tests are about. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: Json;
}

interface RequestOptions {
  readonly body?: unknown;
  /** Instead of `body`: these very bytes. */
  readonly raw?: string | Buffer;
  /** Idempotency-Key; default a new one for everything but GET, none for null. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Client {
  /** @param path below `/api/v1`, or the whole path with `//` in front */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The body of an answer that must be a success. */
  ok(method: string, path: string, body?: unknown): Promise<Json>;
}

const directories: string[] = [];
const running = new Set<ChildProcess>();

// Registered before the hooks of the file that imports this, so its end is the last: whatever failed, nothing is left.
beforeAll(() => () => {
  for (const { pid } of running) if (pid !== undefined) signalGroup(pid, "SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
});

/** A directory of our own, gone when the file's tests end. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tc-"));
  directories.push(directory);
  return directory;
}

/** Settings of a host whose everything lies below `directory`; nothing of ours is inherited. */
export const settingsIn = (directory: string): Record<string, string> => ({
  TRSTCTL_DATA_DIR: join(directory, "data"),
  TRSTCTL_KEK_FILE: join(directory, "kek"),
  TRSTCTL_HTTPS_PORT: "0",
  TRSTCTL_MTLS_PORT: "0",
  TRSTCTL_HTTP_PORT: "0",
});

const environmentOf = (settings: Readonly<Record<string, string>>, home: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: home,
  ...settings,
});

/** Asks again until there is an answer. @throws Error when there is none for half a minute */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for: ${what}`);
}

/** All items of a list, page by page. */
export async function everyItem(client: Client, path: string): Promise<Json[]> {
  const items: Json[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Json = await client.ok("GET", `${path}?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

/** The heads of the tenant's log, once nothing is on its way any more that would append by itself. */
export async function settledHeads(client: Client): Promise<Json> {
  await eventually("an outbox with nothing pending", async () =>
    (await everyItem(client, "/outbox")).every(({ status }) => status === "delivered") ? true : undefined,
  );
  return (await client.ok("GET", "/audit/export?limit=1")).heads;
}

function exchange(
  send: typeof httpRequest | typeof httpsRequest,
  options: Parameters<typeof httpsRequest>[1] & object,
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = send(options, (incoming: IncomingMessage) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString("utf8");
        let json: Json;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes, text, json });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A plain HTTP request, as relying parties make it. */
export function fetchPlain(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  } = {},
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  const { method = "GET", headers = {}, body } = options;
  return exchange(httpRequest, { hostname, port, path: pathname + search, method, headers, agent: false }, body);
}

export interface Host {
  readonly apiUrl: string;
  readonly mtlsUrl: string;
  readonly revocationUrl: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly data: string;
  /** The token of the CLI profile; `up` only. */
  readonly adminToken: string;
  /** As that token. */
  readonly admin: Client;
  as(token: string | undefined): Client;
  /** As the administrator, over so many connections of its own. */
  crowd(connections: number, work: (client: Client) => Promise<void>): Promise<void>;
  /** Over the admin socket. */
  socket(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A token of a tenant, which is made when it is new. */
  token(body: {
    tenant: string;
    scopes?: string[];
    subject?: string;
    expires_at?: string;
    ca_key_algorithm?: string;
  }): Promise<string>;
  /** `node cli/trstctl.mjs …` with this host's data directory. */
  cli(...words: string[]): Promise<Finished>;
  readonly pid: number;
  /** Live processes of it: supervisor, signer, host. */
  processes(): { readonly pid: number; readonly command: string }[];
  signerPid(): number;
  /** The signer is dead, and stays so until the work is done: the supervisor is stopped that long. Then it is back. */
  withoutSigner<T>(work: () => Promise<T>): Promise<T>;
  hostPid(): number;
  stdout(): string;
  stderr(): string;
  readonly exited: Promise<number | null>;
  /** As Ctrl-C does it: to the whole process group. @returns the exit code */
  interrupt(): Promise<number | null>;
  /** @throws Error when it does not end in order */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly mode?: "up" | "serve";
  readonly directory?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** @throws Error with what the host said when it ends instead of getting ready */
export async function startHost({ mode = "up", directory = temporaryDirectory(), settings = {} }: StartOptions = {}) {
  const started = launch({ mode, directory, settings });
  await started.ready;
  return started.host();
}

/** Starts the bin and leaves the waiting to the caller. */
export function launch({ mode = "up", directory = temporaryDirectory(), settings: extra = {} }: StartOptions) {
  const settings: Readonly<Record<string, string>> = { ...settingsIn(directory), ...extra };
  const env = environmentOf(settings, directory);
  // A process group of its own, as a shell gives it: Ctrl-C reaches all of it.
  const child = spawn(process.execPath, [bin, mode], {
    cwd: clone,
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  const pid = child.pid ?? 0;
  const output = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr", stream: Readable): void => {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  };
  collect("stdout", child.stdout);
  collect("stderr", child.stderr);
  const exited = new Promise<number | null>((resolve) =>
    child.on("exit", (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (output.stdout.includes("stops it.")) resolve();
    });
    child.stderr.on("data", () => {
      // A first start that needs a second try hides a fault.
      if (output.stdout !== "" || !output.stderr.includes("starting it again")) return;
      signalGroup(pid, "SIGKILL");
      reject(new Error(`the host does not start\n${output.stderr}`));
    });
    child.on("close", (code) => reject(new Error(`the host ended with ${code}\n${output.stdout}${output.stderr}`)));
  });
  ready.catch(() => undefined);

  function host(): Host {
    const [, apiUrl = ""] = /API +(https:\/\/[^/\s]+)/.exec(output.stdout) ?? [];
    const [, mtlsUrl = ""] = /mTLS +(https:\/\/\S+)/.exec(output.stdout) ?? [];
    const [, revocationUrl = ""] = /Revocation +(http:\/\/\S+)/.exec(output.stdout) ?? [];
    const data = settings["TRSTCTL_DATA_DIR"] ?? "";
    const profile = mode === "up" ? readProfile(data) : { token: "", ca: undefined };
    const agentOf = (maxSockets: number): Agent =>
      new Agent({ keepAlive: true, maxSockets, ca: profile.ca, rejectUnauthorized: profile.ca !== undefined });
    const agent = agentOf(64);
    const as = (token: string | undefined): Client => apiClient(apiUrl, agent, token);
    const socketPath = join(settings["TRSTCTL_RUN_DIR"] ?? join(data, "run"), "admin.sock");
    const socket: Host["socket"] = (method, path, body) =>
      exchange(
        httpRequest,
        { socketPath, method, path, headers: { host: "localhost", "content-type": "application/json" }, agent: false },
        body === undefined ? undefined : JSON.stringify(body),
      );
    const theOnly = (script: string): number => {
      const found = familyOf(pid).find(({ command }) => command.includes(script));
      if (found === undefined) throw new Error(`no process runs ${script}`);
      return found.pid;
    };
    const interrupt = (): Promise<number | null> => {
      agent.destroy();
      signalGroup(pid, "SIGINT");
      return exited;
    };
    return {
      apiUrl,
      mtlsUrl,
      revocationUrl,
      settings,
      directory,
      data,
      adminToken: profile.token,
      admin: as(profile.token),
      as,
      async crowd(connections, work) {
        const own = agentOf(connections);
        await work(apiClient(apiUrl, own, profile.token)).finally(() => own.destroy());
      },
      socket,
      async token(body) {
        const { status, json, text } = await socket("POST", "/admin/tokens", body);
        if (status !== 201) throw new Error(text);
        return json.token as string;
      },
      cli: (...words) => run(process.execPath, [bin, ...words], { cwd: directory, env }),
      pid,
      processes: () => familyOf(pid),
      signerPid: () => theOnly("signer/main.ts"),
      async withoutSigner(work) {
        process.kill(pid, "SIGSTOP");
        try {
          const signer = theOnly("signer/main.ts");
          process.kill(signer, "SIGKILL");
          await eventually("the signer's end", () => !isAlive(signer) || undefined);
          return await work();
        } finally {
          process.kill(pid, "SIGCONT");
          await eventually("a host that is ready", async () =>
            (await as(undefined).send("GET", "//readyz")).status === 200 ? true : undefined,
          );
        }
      },
      hostPid: () => theOnly("infra/local/host.ts"),
      stdout: () => output.stdout,
      stderr: () => output.stderr,
      exited,
      interrupt,
      async stop() {
        const code = await interrupt();
        if (code !== 0) throw new Error(`the host ended with ${code}\n${output.stderr}`);
      },
    };
  }

  return { ready, exited, output, pid, host };
}

const readProfile = (data: string): { token: string; ca: string } =>
  JSON.parse(readFileSync(join(data, "cli", "profile.json"), "utf8"));

function apiClient(apiUrl: string, agent: Agent, token: string | undefined): Client {
  const { hostname, port } = new URL(apiUrl);
  const send: Client["send"] = (method, path, { body, raw, key, headers = {} } = {}) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const chosenKey = key === undefined && method !== "GET" ? randomUUID() : key;
    return exchange(
      httpsRequest,
      {
        agent,
        hostname,
        servername: hostname, // also when a test sends another Host
        port,
        method,
        path: path.startsWith("//") ? path.slice(1) : `/api/v1${path}`,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(chosenKey !== null && chosenKey !== undefined && { "idempotency-key": chosenKey }),
          ...(payload !== undefined && { "content-type": "application/json" }),
          ...(payload !== undefined &&
            headers["transfer-encoding"] === undefined && { "content-length": String(Buffer.byteLength(payload)) }),
          ...headers,
        },
      },
      payload,
    );
  };
  return {
    send,
    async ok(method, path, body) {
      const answer = await send(method, path, { body });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.json;
    },
  };
}
