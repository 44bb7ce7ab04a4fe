import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "#test/run";
import { directoryOf, pythonEnvironment, type Tool } from "./tool.ts";

const python = (directory: string): string => join(directory, "bin", "python");

/** Lints certificates, CRLs and OCSP responses after the PKIX RFCs and the CA/B BR. */
export const pkilint: Tool = {
  name: "pkilint",
  version: "0.13.3",
  install: (directory) => pythonEnvironment(directory, [`pkilint==${pkilint.version}`]),
  async probe(directory) {
    if (!existsSync(python(directory))) return undefined;
    const program = "from importlib.metadata import version; print(version('pkilint'))";
    const { stdout } = await run(python(directory), ["-c", program]);
    return stdout.trim() === pkilint.version ? pkilint.version : undefined;
  },
};

export const pkilintPython = (): string => python(directoryOf(pkilint));
