import { join } from "node:path";
import { run, succeed } from "#test/run";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

/** A CA with an ACME server that we did not write: the bench measures beside it. */
export const stepCa: Tool = {
  name: "step-ca",
  version: "v0.30.2",
  async install(directory) {
    await install(go);
    await succeed(goProgram(), ["install", `github.com/smallstep/certificates/cmd/step-ca@${stepCa.version}`], {
      // Without C: no smart cards. Local: no toolchain beside the one that is there.
      env: { ...process.env, GOBIN: directory, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "-trimpath" },
    });
  },
  async probe(directory) {
    await install(go);
    const { stdout } = await run(goProgram(), ["version", "-m", join(directory, "step-ca")]);
    const built = /^\tmod\t\S+\t(\S+)/m.exec(stdout)?.[1];
    return built === stepCa.version ? built : undefined;
  },
};

export const stepCaProgram = (): string => join(directoryOf(stepCa), "step-ca");
