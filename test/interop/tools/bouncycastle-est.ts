import { javaProgram } from "./java-program.ts";

const program = javaProgram("bouncycastle-est", "Est");

/** The EST client of Bouncy Castle (`org.bouncycastle.est`), behind some lines of Java. */
export const bouncyCastleEst = program.tool;

/** @param given as `Est.java` takes them @returns its lines @throws Error with what it said when it fails */
export const callEst = (operation: string, given: Readonly<Record<string, string>>): Promise<string[]> =>
  program.call(operation, ...Object.entries(given).map(([name, value]) => `${name}=${value}`));
