/**
 * How far a model is run: the short default of `npm run check`, or what `npm run test:model -- --runs N --seed S` says
 * (toolchain/test-model.mjs hands it over in these variables).
 */
import fc from "fast-check";

const number = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
};

export interface Length {
  readonly runs: number;
  readonly commands: number;
}

/** @param usual without a word from outside @param most where the store is slow, and a longer run is asked for */
export function lengthOf(usual: Length, most: Length = { runs: Infinity, commands: Infinity }): Length {
  return {
    runs: Math.min(number("TRSTCTL_MODEL_RUNS") ?? usual.runs, most.runs),
    commands: Math.min(number("TRSTCTL_MODEL_COMMANDS") ?? usual.commands, most.commands),
  };
}

/** For the test that runs it, in milliseconds: no test waits for a hung one, and none is ended for a slow machine. */
export const timeoutOf = ({ runs, commands }: Length): number => 60_000 + runs * commands * 500;

/** Runs it, and says on failure with which seed and path it failed. */
export async function hold<T>(property: fc.IAsyncProperty<T>, { runs }: Length): Promise<void> {
  const seed = number("TRSTCTL_MODEL_SEED");
  const path = process.env["TRSTCTL_MODEL_PATH"];
  await fc.assert(property, {
    numRuns: runs,
    ...(seed !== undefined && { seed }),
    ...(path !== undefined && { path }),
  });
}

/** Of the commands within a failed run, for `TRSTCTL_MODEL_REPLAY`. */
export const replayPath = process.env["TRSTCTL_MODEL_REPLAY"];
