/** Programs that we did not write, run to their end. */
import { execFile } from "node:child_process";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Buffer;
}

/** `code` is null when it did not start or was killed; `stderr` then says why. */
export const run = (program: string, words: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  new Promise((resolve) => {
    const { input, ...rest } = options;
    const child = execFile(program, words, { ...rest, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ code, stdout, stderr: code === null && stderr === "" ? (error?.message ?? "") : stderr });
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input ?? "");
  });

/** @returns what it printed @throws Error with everything that it said when it fails */
export async function succeed(program: string, words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, words, options);
  if (code !== 0) throw new Error(`${program} ${words.join(" ")}: ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}
