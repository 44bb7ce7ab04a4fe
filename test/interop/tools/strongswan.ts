import { run } from "#test/run";
import { fromDebian, type Tool } from "./tool.ts";

/** `pki` of strongSwan, with its EST and SCEP clients; TLS and HTTP are plugins. */
export const strongswan: Tool = {
  name: "strongswan",
  version: "any",
  install: () => fromDebian("strongswan-pki", "libstrongswan-standard-plugins", "libstrongswan-extra-plugins"),
  async probe() {
    const { stdout, stderr } = await run("pki", ["--help"]);
    const said = stdout + stderr;
    const loaded = /loaded plugins: (.*)/.exec(said)?.[1]?.split(" ") ?? [];
    const whole = ["openssl", "curl"].every((plugin) => loaded.includes(plugin)) && said.includes("pki --est ");
    return whole ? /strongSwan (\S+) PKI tool/.exec(said)?.[1] : undefined;
  },
};
