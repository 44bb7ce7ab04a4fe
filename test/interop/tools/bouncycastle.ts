import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { directoryOf, fromDebian, type Tool } from "./tool.ts";

const jars = ["bcprov", "bcutil", "bcpkix"].map((name) => `${name}-jdk18on`);
const source = join(root, "test", "interop", "Verify.java");

/** An implementation of X.509, ML-DSA and SLH-DSA that shares no code with OpenSSL; Java and Maven are there or come from Debian. */
export const bouncyCastle: Tool = {
  name: "bouncycastle",
  version: "1.83",
  async install(directory) {
    if ((await run("mvn", ["--version"])).code !== 0) await fromDebian("maven", "default-jdk-headless");
    for (const jar of jars) {
      const artifact = `org.bouncycastle:${jar}:${bouncyCastle.version}`;
      await succeed("mvn", [
        "--quiet",
        "--batch-mode",
        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${directory}`,
      ]);
    }
    await succeed("javac", ["-encoding", "UTF-8", ...classPath(directory), "-d", directory, source]);
    copyFileSync(source, compiledFrom(directory));
  },
  async probe(directory) {
    const known = existsSync(compiledFrom(directory)) ? readFileSync(compiledFrom(directory), "utf8") : undefined;
    if (known !== readFileSync(source, "utf8")) return undefined;
    const { code, stdout } = await run("java", [...classPath(directory), "Verify", "version"]);
    return code === 0 && stdout.trim() === bouncyCastle.version ? stdout.trim() : undefined;
  },
};

const compiledFrom = (directory: string): string => join(directory, "Verify.java");

/** Words for `java` and `javac`. @param more directories of classes */
export const classPath = (directory: string, ...more: readonly string[]): string[] => [
  "-cp",
  [...more, directory, ...jars.map((jar) => join(directory, `${jar}-${bouncyCastle.version}.jar`))].join(":"),
];

/** Runs `Verify.java` beside this folder. @returns what it printed @throws Error with what it said when it fails */
export const callBouncyCastle = (...words: readonly string[]): Promise<string> =>
  succeed("java", [...classPath(directoryOf(bouncyCastle)), "Verify", ...words]);
