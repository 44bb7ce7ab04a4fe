import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

const source = join(root, "test", "interop", "tools", "tlogcheck");

const build = (directory: string): Promise<string> =>
  succeed(goProgram(), ["build", "-C", source, "-trimpath", "-mod=readonly", "-o", join(directory, "tlogcheck"), "."], {
    env: { ...process.env, GOTOOLCHAIN: "local" },
  });

/** Some lines around golang.org/x/mod/sumdb, which verify notes, tiles and proofs; its version is that of x/mod. */
export const tlogcheck: Tool = {
  name: "tlogcheck",
  version: "v0.38.0",
  async install(directory) {
    await install(go);
    await build(directory);
  },
  async probe(directory) {
    if (!existsSync(join(directory, "tlogcheck"))) return undefined;
    await install(go);
    await build(directory); // the lines may be others since; it costs nothing when they are not
    const { stdout } = await run(goProgram(), ["version", "-m", join(directory, "tlogcheck")]);
    const built = /^\tdep\tgolang\.org\/x\/mod\t(\S+)/m.exec(stdout)?.[1];
    return built === tlogcheck.version ? built : undefined;
  },
};

export const tlogcheckProgram = (): string => join(directoryOf(tlogcheck), "tlogcheck");
