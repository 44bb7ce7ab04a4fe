import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { bouncyCastle, classPath } from "./bouncycastle.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

const source = join(root, "test", "interop", "clients", "Cmp.java");
const compiledFrom = (directory: string): string => join(directory, "Cmp.java");
const path = (directory: string): string[] => classPath(directoryOf(bouncyCastle), directory);

/** CMP by Bouncy Castle (`org.bouncycastle.cert.cmp`), which knows PBMAC1 and nested messages. */
export const bouncyCastleCmp: Tool = {
  name: "bouncycastle-cmp",
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

/** @param words as `Cmp.java` takes them @returns what it printed, by the first word of each line @throws Error with what it said */
export async function callCmp(...words: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const printed = await succeed("java", [...path(directoryOf(bouncyCastleCmp)), "Cmp", ...words]);
  const lines = printed.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.split(" ").slice(1).join(" ")]));
}
