import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "#test/run";
import { debianProgram } from "./debian-program.ts";
import { directoryOf, pythonEnvironment, type Tool } from "./tool.ts";

export const certbotDebian = debianProgram("certbot-debian", "certbot");

/** The newest, from PyPI. */
export const certbot: Tool = {
  name: "certbot",
  version: "5.8.0",
  install: (directory) => pythonEnvironment(directory, [`certbot==${certbot.version}`]),
  async probe() {
    if (!existsSync(certbotProgram())) return undefined;
    const { stdout } = await run(certbotProgram(), ["--version"]);
    return stdout.trim() === `certbot ${certbot.version}` ? certbot.version : undefined;
  },
};

export const certbotProgram = (): string => join(directoryOf(certbot), "bin", "certbot");
