/** The deployed app as its operators and clients have it: our CLI, curl, openssl. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, inject } from "vitest";
import { type Finished, run, succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";
import { type Deployment, type Resource, resourcesOf } from "./deployment.ts";
import { functionLogs } from "./logs.ts";

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

export interface Tenant {
  readonly id: string;
  readonly token: string;
  /** For files of a test; gone when its file's tests end. */
  readonly directory: string;
  /** @returns what `trstctl … --output json` printed @throws when it fails */
  trstctl(...words: string[]): Promise<Json>;
  /** The same, whatever comes of it. */
  tryTrstctl(...words: string[]): Promise<Finished>;
  /** curl with the tenant's token. @param path below `/api/v1` */
  curl(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly json: Json }>;
}

export const deployment = (): Deployment => inject("deployment");

/** @param stack `core`, `keys` … */
export const resources = (stack: string): Promise<readonly Resource[]> => resourcesOf(deployment(), stack);

let started = 0;
beforeEach(() => {
  started = Date.now();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail")
    process.stdout.write(`logs of ${task.name}:\n${await functionLogs(deployment().endpoint, started)}\n`);
});

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tc-deployed-"));
  directories.push(directory);
  return directory;
}

const bin = join(root, "cli", "trstctl.mjs");

/** `trstctl …` with the operator's AWS credentials. */
export const asOperator = (...words: string[]): Promise<Finished> =>
  run(process.execPath, [bin, ...words], { env: { ...deployment().environment, PATH: process.env["PATH"] } });

/** Mints the first token of a new tenant as docs/aws.md says. */
export async function newTenant(id: string): Promise<Tenant> {
  const { name, publicUrl, caFile } = deployment();
  const directory = temporaryDirectory();
  const words = `token create --stack ${name} --tenant ${id} --scopes * --output json`;
  const begun = Date.now();
  const minted = await asOperator(...words.split(" "));
  if (minted.code !== 0) throw new Error(`${minted.stderr}\n${await functionLogs(deployment().endpoint, begun)}`);
  const { token } = JSON.parse(minted.stdout) as { token: string };
  const env = {
    PATH: process.env["PATH"],
    HOME: directory,
    TRSTCTL_URL: publicUrl,
    TRSTCTL_TOKEN: token,
    TRSTCTL_CA_FILE: caFile,
  };
  const tryTrstctl = (...words: string[]): Promise<Finished> =>
    run(process.execPath, [bin, ...words], { env, cwd: directory });
  return {
    id,
    token,
    directory,
    tryTrstctl,
    async trstctl(...words) {
      const { code, stdout, stderr } = await tryTrstctl(...words, "--output", "json");
      expect(code, `trstctl ${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
      return JSON.parse(stdout) as Json;
    },
    curl: (method, path, body) => curl(method, `/api/v1${path}`, { token, body }),
  };
}

interface CurlOptions {
  readonly token?: string | undefined;
  readonly body?: object | undefined;
}

/** @param path of the public URL */
export async function curl(
  method: string,
  path: string,
  { token, body }: CurlOptions = {},
): Promise<{ readonly status: number; readonly json: Json }> {
  const { publicUrl, caFile } = deployment();
  const printed = await succeed(
    "curl",
    [
      ["--silent", "--show-error", "--cacert", caFile, "--request", method, `${publicUrl}${path}`],
      token === undefined ? [] : ["--header", `authorization: Bearer ${token}`],
      method === "GET" ? [] : ["--header", `idempotency-key: ${crypto.randomUUID()}`],
      body === undefined ? [] : ["--header", "content-type: application/json", "--data", JSON.stringify(body)],
      ["--write-out", "\n%{http_code}"],
    ].flat(),
  );
  const end = printed.lastIndexOf("\n");
  const [status, text] = [Number(printed.slice(end + 1)), printed.slice(0, end)];
  return { status, json: /^[[{]/.test(text) ? (JSON.parse(text) as Json) : text };
}

/** Asks again until there is an answer. @throws Error when there is none for a minute */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (Date.now() > end) throw new Error(`${what}: not within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
