/**
 * A process that is cut at a chosen call to its ports: before the call took effect, or after it did and nobody heard. Then
 * it either lives on with that error, or is gone: every later call fails, and what it held in memory is dropped with it.
 */
import fc from "fast-check";
import { Failure } from "#shared/kernel/failure";
import type { TableStore } from "#shared/ports/table";

export interface Fault {
  /** How many calls go well before. */
  readonly after: number;
  readonly cut: "before" | "behind";
  readonly dies: boolean;
}

export const noFault = fc.constant(undefined);

/** About every third command meets one; `calls` is about how many calls a command makes. */
export const someFault = (calls: number): fc.Arbitrary<Fault | undefined> =>
  fc.oneof(
    { weight: 2, arbitrary: noFault },
    {
      weight: 1,
      arbitrary: fc.record({
        after: fc.nat(calls - 1),
        cut: fc.constantFrom("before" as const, "behind" as const),
        dies: fc.boolean(),
      }),
    },
  );

export const faultText = (fault: Fault | undefined): string =>
  fault === undefined ? "" : ` [${fault.dies ? "dies" : "fails"} ${fault.cut} call ${fault.after}]`;

type Port = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

export interface Lifeline {
  /** The same port, whose calls end with this process. `mortal`: one that a fault may kill it in, but not fail. */
  tied<T extends object>(port: T, mortal?: "mortal"): T;
  tiedStore(tables: TableStore): TableStore;
  arm(fault: Fault | undefined): void;
  /** Whether the armed fault was met; none is armed any more. */
  disarm(): boolean;
  readonly dead: () => boolean;
  /** Ends it here. @returns when no call of it is on its way any more: it shall not write from beyond. */
  end(): Promise<void>;
}

const cutError = (): Failure => new Failure("unavailable", "cut by the test");

export function lifeline(): Lifeline {
  const underWay = new Set<Promise<unknown>>();
  let armed: Fault | undefined;
  let calls = 0;
  let struck = false;
  let dead = false;

  const strike = (fault: Fault): never => {
    struck = true;
    armed = undefined;
    dead ||= fault.dies;
    throw cutError();
  };

  async function step<T>(call: () => Promise<T>, mortal: boolean): Promise<T> {
    if (dead) throw cutError();
    const meets = armed !== undefined && (!mortal || armed.dies);
    const fault = meets && calls++ === armed?.after ? armed : undefined;
    if (fault?.cut === "before") strike(fault);
    const work = call();
    underWay.add(work);
    try {
      const answer = await work;
      if (fault !== undefined) strike(fault);
      if (dead) throw cutError();
      return answer;
    } finally {
      underWay.delete(work);
    }
  }

  const tied = <T extends object>(port: T, mortal?: "mortal"): T =>
    Object.fromEntries(
      Object.entries(port as Port).map(([name, method]) => [
        name,
        (...args: never[]) => step(() => method.apply(port, args), mortal !== undefined),
      ]),
    ) as T;

  return {
    tied,
    tiedStore: (tables) => ({ tenant: (tenant) => tied(tables.tenant(tenant)), close: () => tables.close() }),
    arm(fault) {
      armed = fault;
      calls = 0;
      struck = false;
    },
    disarm() {
      armed = undefined;
      return struck;
    },
    dead: () => dead,
    async end() {
      dead = true;
      await Promise.allSettled(underWay);
    },
  };
}
