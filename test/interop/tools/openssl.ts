import { run } from "#test/run";
import { fromDebian, type Tool } from "./tool.ts";

/** The machine's own, or Debian's. */
export const openssl: Tool = {
  name: "openssl",
  version: "any",
  install: () => fromDebian("openssl"),
  async probe() {
    const { code, stdout } = await run("openssl", ["version"]);
    return code === 0 ? /^OpenSSL (\S+)/.exec(stdout)?.[1] : undefined;
  },
};
