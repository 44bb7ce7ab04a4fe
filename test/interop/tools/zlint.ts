import { join } from "node:path";
import { run, succeed } from "#test/run";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

/** Lints certificates, CRLs and OCSP responses after CA/B BR, RFC 5280 and others. */
export const zlint: Tool = {
  name: "zlint",
  version: "v3.7.3",
  async install(directory) {
    await install(go);
    await succeed(goProgram(), ["install", `github.com/zmap/zlint/v3/cmd/zlint@${zlint.version}`], {
      // Local: no toolchain beside the one that is there.
      env: { ...process.env, GOBIN: directory, GOTOOLCHAIN: "local", GOFLAGS: "-trimpath" },
    });
  },
  async probe(directory) {
    await install(go);
    const { stdout } = await run(goProgram(), ["version", "-m", join(directory, "zlint")]);
    const built = /^\tmod\t\S+\t(\S+)/m.exec(stdout)?.[1];
    return built === zlint.version ? built : undefined;
  },
};

export const zlintProgram = (): string => join(directoryOf(zlint), "zlint");
