/** What a command sees of the world around it: tests give their own. */
import type { Environment } from "#shared/kernel/config";

export interface Terminal {
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The result, one or more whole lines, on standard output. */
  readonly out: (text: string) => void;
  /** What a person reads beside the result, on standard error. */
  readonly note: (text: string) => void;
  /** All of standard input. It can be read once. */
  readonly input: () => Promise<string>;
  /** A person sits there and can answer. */
  readonly interactive: boolean;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Takes the place of the line before; empty: none. Absent where standard error is no terminal. */
  readonly status?: (text: string) => void;
}

const line = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

export const processTerminal = (): Terminal => ({
  environment: process.env,
  now: Date.now,
  out: (text) => void process.stdout.write(line(text)),
  note: (text) => void process.stderr.write(line(text)),
  input: async () => {
    const parts: Buffer[] = [];
    for await (const part of process.stdin) parts.push(part as Buffer);
    return Buffer.concat(parts).toString("utf8");
  },
  interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  confirm: async (question) => {
    const { confirm } = await import("@clack/prompts");
    return (await confirm({ message: question, initialValue: false, output: process.stderr })) === true;
  },
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  ...(process.stderr.isTTY === true && { status: (text: string) => void process.stderr.write(`\r\u001b[K${text}`) }),
});
