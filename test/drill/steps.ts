/** Runs steps one after the other, says of each how it went and how long it took, and counts. */
export interface Steps {
  /** @param work returns what is worth saying. A step that fails does not end the drill, what it did not make does. */
  step(name: string, work: () => Promise<string> | string): Promise<void>;
  /** Prints the count; the last line. @returns whether all passed */
  end(): boolean;
}

export function createSteps(): Steps {
  let passed = 0;
  let failed = 0;
  return {
    async step(name, work) {
      const started = performance.now();
      const [verdict, said] = await Promise.resolve()
        .then(work)
        .then(
          (detail) => ["ok    ", detail] as const,
          (error: unknown) =>
            ["FAILED", error instanceof Error ? (error.stack ?? error.message) : String(error)] as const,
        );
      if (verdict === "FAILED") failed++;
      else passed++;
      const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
      process.stdout.write(`${verdict} ${seconds} s  ${name}${said === "" ? "" : `: ${said}`}\n`);
    },
    end() {
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
      return failed === 0;
    },
  };
}

/** @throws Error saying what was expected */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
