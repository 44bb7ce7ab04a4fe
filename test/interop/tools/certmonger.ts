import { run } from "#test/run";
import { fromDebian, type Tool } from "./tool.ts";

/** The daemon, `getcert`, and the helper `scep-submit` that speaks for them; it runs without D-Bus and without root. */
export const certmonger: Tool = {
  name: "certmonger",
  version: "0.79",
  install: () => fromDebian("certmonger"),
  async probe() {
    const { stdout } = await run("dpkg-query", ["-W", "-f", "${db:Status-Status} ${Version}", "certmonger"]);
    const [, version] = /^installed (\S+)$/.exec(stdout) ?? [];
    return version?.startsWith(certmonger.version) === true ? version : undefined;
  },
};
