import { run } from "#test/run";
import { fromDebian, type Tool } from "./tool.ts";

/** The machine's own, or Debian's. */
export const curl: Tool = {
  name: "curl",
  version: "any",
  install: () => fromDebian("curl"),
  async probe() {
    const { code, stdout } = await run("curl", ["--version"]);
    return code === 0 ? stdout.split("\n")[0] : undefined;
  },
};
