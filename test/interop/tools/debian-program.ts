import { run } from "#test/run";
import { fromDebian, type Tool } from "./tool.ts";

/** A program that Debian's release pins: its version is that of the package. */
export const debianProgram = (name: string, program: string, debian: string = program): Tool => ({
  name,
  version: "debian",
  install: () => fromDebian(debian),
  async probe() {
    const { code } = await run("sh", ["-c", `command -v ${program}`]);
    const { stdout } = await run("dpkg-query", ["--show", "--showformat=${Version}", debian]);
    return code === 0 && stdout !== "" ? stdout : undefined;
  },
});
