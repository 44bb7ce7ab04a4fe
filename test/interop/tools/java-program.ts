import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { bouncyCastle, classPath } from "./bouncycastle.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

export interface JavaProgram {
  readonly tool: Tool;
  /** @returns its lines @throws Error with what it said when it fails */
  call(...words: readonly string[]): Promise<string[]>;
}

/** Some lines of Java around Bouncy Castle. @param main their class, in `test/interop/clients` */
export function javaProgram(name: string, main: string): JavaProgram {
  const source = join(root, "test", "interop", "clients", `${main}.java`);
  const compiledFrom = (directory: string): string => join(directory, `${main}.java`);
  const path = (directory: string): string[] => classPath(directoryOf(bouncyCastle), directory);
  const tool: Tool = {
    name,
    version: bouncyCastle.version,
    async install(directory) {
      await install(bouncyCastle);
      await succeed("javac", ["-encoding", "UTF-8", ...path(directory), "-d", directory, source]);
      copyFileSync(source, compiledFrom(directory));
    },
    async probe(directory) {
      const known = existsSync(compiledFrom(directory)) ? readFileSync(compiledFrom(directory), "utf8") : undefined;
      return known === readFileSync(source, "utf8") ? bouncyCastle.probe(directoryOf(bouncyCastle)) : undefined;
    },
  };
  return {
    tool,
    async call(...words) {
      const printed = await succeed("java", [...path(directoryOf(tool)), main, ...words]);
      return printed.split("\n").filter((line) => line !== "");
    },
  };
}
