import { toFormat2 } from "./0002-installation.ts";
import type { Migration } from "./migration.ts";

/** In order; each leads to the format that the next one comes from, the last one to `dataFormat`. */
export const migrations: readonly Migration[] = [toFormat2];
