/** A PKCS#11 token in software, and the addon of ours that speaks to any. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { buildPkcs11 } from "../../../toolchain/pkcs11.mjs";
import { debianProgram } from "./debian-program.ts";
import type { Tool } from "./tool.ts";

/** `softhsm2-util` makes tokens; the library is what the signer loads. */
export const softhsm: Tool = debianProgram("softhsm", "softhsm2-util", "softhsm2");

/** `npm run pkcs11`, as an operator builds it. */
export const pkcs11Addon: Tool = {
  name: "pkcs11js",
  version: "2.1.7",
  async install() {
    buildPkcs11();
  },
  async probe() {
    buildPkcs11();
    return pkcs11Addon.version;
  },
};

export interface SoftHsm {
  /** The library. */
  readonly module: string;
  /** Where SoftHSM finds its settings; for this process and for others. */
  readonly conf: string;
  /** Makes a token. */
  token(label: string, pin: string): Promise<void>;
  /** Below it each token has a directory. */
  readonly tokens: string;
}

/** Tokens in a directory of their own. */
export async function softHsmIn(directory: string): Promise<SoftHsm> {
  const tokens = join(directory, "tokens");
  const conf = join(directory, "softhsm2.conf");
  mkdirSync(tokens, { recursive: true });
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const { stdout } = await run("dpkg-query", ["-L", "libsofthsm2"]);
  const module = stdout.split("\n").find((path) => path.endsWith("/libsofthsm2.so"));
  if (module === undefined) throw new Error("libsofthsm2.so is not where Debian put it");
  return {
    module,
    conf,
    tokens,
    async token(label, pin) {
      const words = ["--init-token", "--free", "--label", label, "--so-pin", "officer-pin", "--pin", pin];
      await succeed("softhsm2-util", words, { env: { ...process.env, SOFTHSM2_CONF: conf } });
    },
  };
}
