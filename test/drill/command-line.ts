/** `trstctl …` and openssl as processes of their own, in the place of a host. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { environment } from "../bench/host.ts";
import { root } from "../../toolchain/runtime.mjs";

const bin = join(root, "cli", "trstctl.mjs");

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const run = (program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> =>
  new Promise((resolve) => {
    execFile(program, words, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr }),
    );
  });

export const trstctl = (place: string, ...words: string[]): Promise<Finished> =>
  run(process.execPath, [bin, ...words], environment(place));

/** @throws Error with what it said when it fails @returns what it said as JSON */
export async function done<T = Record<string, unknown>>(place: string, ...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await trstctl(place, ...words, "--output", "json");
  if (code !== 0) throw new Error(`trstctl ${words.join(" ")} ended with ${code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Starts it and kills it with SIGKILL after so long, unless it is done before. */
export const killedAfter = (ms: number, place: string, ...words: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...words], { env: environment(place), stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
