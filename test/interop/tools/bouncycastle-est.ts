import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { bouncyCastle, classPath } from "./bouncycastle.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

const source = join(root, "test", "interop", "clients", "Est.java");
const compiledFrom = (directory: string): string => join(directory, "Est.java");
const path = (directory: string): string[] => classPath(directoryOf(bouncyCastle), directory);

/** The EST client of Bouncy Castle (`org.bouncycastle.est`), behind some lines of Java. */
export const bouncyCastleEst: Tool = {
  name: "bouncycastle-est",
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

/** @param given as `Est.java` takes them @returns its lines @throws Error with what it said when it fails */
export async function callEst(operation: string, given: Readonly<Record<string, string>>): Promise<string[]> {
  const words = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const printed = await succeed("java", [...path(directoryOf(bouncyCastleEst)), "Est", operation, ...words]);
  return printed.split("\n").filter((line) => line !== "");
}
