import { debianProgram } from "./debian-program.ts";

/** For completion; bash is there wherever our tests are. */
export const zsh = debianProgram("zsh", "zsh");
export const fish = debianProgram("fish", "fish");
