import { join } from "node:path";
import { run, succeed } from "#test/run";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

/** micromdm's own client. */
export const scepclient: Tool = {
  name: "scepclient",
  version: "v2.3.0",
  async install(directory) {
    await install(go);
    await succeed(goProgram(), ["install", `github.com/micromdm/scep/v2/cmd/scepclient@${scepclient.version}`], {
      env: { ...process.env, GOBIN: directory, GOTOOLCHAIN: "local", GOFLAGS: "-trimpath" },
    });
  },
  async probe(directory) {
    await install(go);
    const { stdout } = await run(goProgram(), ["version", "-m", join(directory, "scepclient")]);
    const built = /^\tmod\t\S+\t(\S+)/m.exec(stdout)?.[1];
    return built === scepclient.version ? built : undefined;
  },
};

export const scepclientProgram = (): string => join(directoryOf(scepclient), "scepclient");
