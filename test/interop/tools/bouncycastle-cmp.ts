import { javaProgram } from "./java-program.ts";

const program = javaProgram("bouncycastle-cmp", "Cmp");

/** CMP by Bouncy Castle (`org.bouncycastle.cert.cmp`), which knows PBMAC1 and nested messages. */
export const bouncyCastleCmp = program.tool;

/** @param words as `Cmp.java` takes them @returns what it printed, by the first word of each line @throws Error with what it said */
export async function callCmp(...words: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lines = await program.call(...words);
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.split(" ").slice(1).join(" ")]));
}
