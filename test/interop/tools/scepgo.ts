import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

const source = join(root, "test", "interop", "tools", "scepgo");

const build = (directory: string): Promise<string> =>
  succeed(goProgram(), ["build", "-C", source, "-trimpath", "-mod=readonly", "-o", join(directory, "scepgo"), "."], {
    env: { ...process.env, GOTOOLCHAIN: "local" },
  });

/** Some lines around github.com/smallstep/scep, which makes and reads the messages; its version is that of the library. */
export const scepgo: Tool = {
  name: "scepgo",
  version: "v0.0.0-20260331191114-261f960a40d1",
  async install(directory) {
    await install(go);
    await build(directory);
  },
  async probe(directory) {
    if (!existsSync(join(directory, "scepgo"))) return undefined;
    await install(go);
    await build(directory); // the lines may be others since; it costs nothing when they are not
    const { stdout } = await run(goProgram(), ["version", "-m", join(directory, "scepgo")]);
    const built = /^\tdep\tgithub\.com\/smallstep\/scep\t(\S+)/m.exec(stdout)?.[1];
    return built === scepgo.version ? built : undefined;
  },
};

export const scepgoProgram = (): string => join(directoryOf(scepgo), "scepgo");
