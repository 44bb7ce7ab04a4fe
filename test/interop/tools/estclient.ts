import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

const source = join(root, "test", "interop", "tools", "estclient");

/** GlobalSign's EST client, from the Go proxy, which has this version and lists none. */
export const estclient: Tool = {
  name: "estclient",
  version: "v1.0.6",
  async install(directory) {
    await install(go);
    const words = ["build", "-C", source, "-trimpath", "-mod=readonly", "-o", join(directory, "estclient")];
    await succeed(goProgram(), [...words, "github.com/globalsign/est/cmd/estclient"], {
      // Its smart cards want C, as test/faults does. Local: no toolchain beside the one that is there.
      env: { ...process.env, CGO_ENABLED: "1", GOTOOLCHAIN: "local" },
    });
  },
  async probe() {
    if (!existsSync(estclientProgram())) return undefined;
    await install(go);
    const { stdout } = await run(goProgram(), ["version", "-m", estclientProgram()]);
    const built = /^\tmod\tgithub\.com\/globalsign\/est\t(\S+)/m.exec(stdout)?.[1];
    return built === estclient.version ? built : undefined;
  },
};

export const estclientProgram = (): string => join(directoryOf(estclient), "estclient");
