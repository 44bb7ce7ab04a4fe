/** Linters of others, one line each. */
import type { Linter } from "./linter.ts";
import { pkilint } from "./pkilint.ts";
import { zlint } from "./zlint.ts";

export const linters: readonly Linter[] = [zlint, pkilint];
