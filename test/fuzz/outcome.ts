import { Failure } from "#shared/kernel/failure";
import type { Target } from "./target.ts";

/** Runs one input. @returns undefined for a value or a declared refusal, else what is wrong */
export async function outcome(target: Target, input: Uint8Array): Promise<unknown> {
  try {
    const result = target.run(input);
    if (result instanceof Promise) await result;
    return undefined;
  } catch (error) {
    if (error instanceof Failure && target.refusals.includes(error.code)) return undefined;
    return error ?? new TypeError("something undefined was thrown");
  }
}
