import { existsSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";
import { debianProgram } from "./debian-program.ts";
import { go, goProgram } from "./go.ts";
import { directoryOf, install, type Tool } from "./tool.ts";

export const legoDebian = debianProgram("lego-debian", "lego");

const source = join(root, "test", "interop", "tools", "lego");
/** lego's own way to be built with some of its 180 DNS providers; the proxy does not have what all of them need. */
const tags = "lego_dnslight,lego_dns_exec,lego_dns_httpreq";

/** The newest, from the Go proxy, its own main package. */
export const lego: Tool = {
  name: "lego",
  version: "v5.6.0",
  async install(directory) {
    await install(go);
    const output = join(directory, "lego");
    const words = ["build", "-C", source, "-trimpath", "-mod=readonly", "-tags", tags, "-o", output];
    await succeed(goProgram(), [...words, "github.com/go-acme/lego/v5"], {
      env: { ...process.env, GOTOOLCHAIN: "local" },
    });
  },
  async probe() {
    if (!existsSync(legoProgram())) return undefined;
    await install(go);
    const { stdout } = await run(goProgram(), ["version", "-m", legoProgram()]);
    const built = /^\tmod\tgithub\.com\/go-acme\/lego\/v5\t(\S+)/m.exec(stdout)?.[1];
    return built === lego.version ? built : undefined;
  },
};

export const legoProgram = (): string => join(directoryOf(lego), "lego");
