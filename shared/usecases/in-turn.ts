import type { Directory } from "#shared/ports/directory";

const running = new WeakMap<Directory, Map<string, Promise<unknown>>>();

/** Whoever takes longer is overtaken: what hangs must not keep all that come later. */
const patienceMs = 10_000;

/** Within a process, known by its one directory: what has one name is done one after the other, in the order of the calls. */
export async function inTurn<T>(process: Directory, name: string, work: () => Promise<T>): Promise<T> {
  const all = running.get(process) ?? new Map<string, Promise<unknown>>();
  running.set(process, all);
  const mine = patiently(all.get(name)).then(work);
  all.set(name, mine);
  try {
    return await mine;
  } finally {
    if (all.get(name) === mine) all.delete(name);
  }
}

async function patiently(before: Promise<unknown> | undefined): Promise<void> {
  if (before === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([before.catch(() => undefined), enough]);
  clearTimeout(timer);
}
