/**
 * Duplicates of a request that come while it is in work (I6). The commit would let only one of them through, but each would
 * have cost a signature by then; so they wait for the first one's outcome. Across processes the commit alone decides.
 */
interface InWork {
  readonly fingerprint: string;
  /** How it failed; undefined when it did not. */
  readonly failure: Promise<{ readonly error: unknown } | undefined>;
}

export interface Request<T> {
  /** Of the operation: who has the same waits. */
  readonly name: string;
  /** Of the request: who has the same shares the failure. */
  readonly fingerprint: string;
  /** The answer of an earlier one. */
  readonly find: () => Promise<T | undefined>;
  readonly work: () => Promise<T>;
}

export type Once = <T>(request: Request<T>) => Promise<T>;

export function createOnce(): Once {
  const inWork = new Map<string, InWork>();
  return async ({ name, fingerprint, find, work }) => {
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      const other = inWork.get(name);
      if (other === undefined) break;
      const failure = await other.failure;
      if (failure !== undefined && other.fingerprint === fingerprint) throw failure.error;
    }
    const mine = work();
    const failure = mine.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    inWork.set(name, { fingerprint, failure });
    try {
      return await mine;
    } finally {
      inWork.delete(name);
    }
  };
}
