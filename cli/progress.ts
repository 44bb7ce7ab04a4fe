/** That long work goes on, for a person at a terminal: one line on standard error that goes away again; never in a pipe. */
import type { Terminal } from "./terminal.ts";

const everyMs = 1_000;

/**
 * @param what is going on, as it is said
 * @param since milliseconds; what began more than a second ago is said at once, else after a second
 */
export async function whileWorking<T>(
  terminal: Terminal,
  what: string,
  work: () => T | Promise<T>,
  since = terminal.now(),
): Promise<T> {
  const { status } = terminal;
  if (status === undefined) return work();
  const say = (): void => status(`${what}, ${Math.round((terminal.now() - since) / 1000)} s`);
  if (terminal.now() - since >= everyMs) say();
  const timer = setInterval(say, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    status("");
  }
}

/** Of work that lets nothing else run meanwhile: said before it, gone after it. */
export async function whileBusy<T>(terminal: Terminal, what: string, work: () => T | Promise<T>): Promise<T> {
  terminal.status?.(`${what} …`);
  try {
    return await work();
  } finally {
    terminal.status?.("");
  }
}
