import { debianProgram } from "./debian-program.ts";

/** Let's Encrypt's ACME server for tests. */
export const pebble = debianProgram("pebble", "pebble");
