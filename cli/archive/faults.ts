/** What is wrong with an export, named so that a person finds it. */
export interface Fault {
  /** File, and in it the line, event, tile or size. */
  readonly where: string;
  readonly problem: string;
}

/** More are counted by nobody: the first ones say where to look. */
const mostFaults = 100;

export interface Faults {
  readonly found: readonly Fault[];
  add(where: string, problem: string): void;
  /** Takes back what turned out to be something else. */
  withdraw(where: string, problem: string): void;
}

export function createFaults(): Faults {
  const found: Fault[] = [];
  return {
    found,
    add(where, problem) {
      if (found.length < mostFaults) found.push({ where, problem });
    },
    withdraw(where, problem) {
      const at = found.findIndex((fault) => fault.where === where && fault.problem === problem);
      if (at >= 0) found.splice(at, 1);
    },
  };
}
