/** The system's store on Linux: a file among the administrator's anchors, and the distribution's program that takes it in. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#shared/kernel/failure";
import { asRoot, find, type Machine, succeed } from "./machine.ts";
import { withPemFile } from "./pem-file.ts";
import { storedAs, type TrustRoot } from "./root.ts";
import type { Store } from "./store.ts";

interface Distribution {
  readonly name: string;
  /** Where the administrator's own roots lie, PEM, with this ending. */
  readonly anchors: string;
  readonly ending: string;
  /** Takes what lies there in. */
  readonly refresh: readonly [string, ...string[]];
  /** Instead of `refresh` after one was taken away. */
  readonly forget?: readonly [string, ...string[]];
  /** What it makes of all of them. */
  readonly bundles: readonly string[];
}

/** update-ca-certificates(8), update-ca-trust(8), trust(1). The first whose directory and program are there is this machine's. */
const distributions: readonly Distribution[] = [
  {
    name: "Debian, Ubuntu, Alpine",
    anchors: "usr/local/share/ca-certificates",
    ending: "crt",
    refresh: ["update-ca-certificates"],
    forget: ["update-ca-certificates", "--fresh"], // else its link in /etc/ssl/certs stays
    bundles: ["etc/ssl/certs/ca-certificates.crt"],
  },
  {
    name: "Fedora, RHEL",
    anchors: "etc/pki/ca-trust/source/anchors",
    ending: "pem",
    refresh: ["update-ca-trust", "extract"],
    bundles: ["etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"],
  },
  {
    name: "Arch",
    anchors: "etc/ca-certificates/trust-source/anchors",
    ending: "crt",
    refresh: ["trust", "extract-compat"],
    bundles: ["etc/ca-certificates/extracted/tls-ca-bundle.pem"],
  },
  {
    name: "SUSE",
    anchors: "etc/pki/trust/anchors",
    ending: "pem",
    refresh: ["update-ca-certificates"],
    bundles: ["var/lib/ca-certificates/ca-bundle.pem"],
  },
];

const compact = (text: string): string => text.replaceAll(/\s/g, "");

/** @returns undefined on a Linux that has none of the stores that are known here */
export function linuxStore(machine: Machine): Store | undefined {
  const at = (path: string): string => join(machine.filesystem, path);
  const here = distributions.find(({ anchors }) => existsSync(at(anchors)));
  if (here === undefined) return undefined;
  const { anchors, ending, refresh, forget = refresh, bundles, name } = here;
  const fileOf = (root: TrustRoot): string => at(join(anchors, `${storedAs(root)}.${ending}`));
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const missing =
    find(machine, refresh[0]) === undefined ? `${refresh[0]} is not there: install ca-certificates` : undefined;

  async function privileged(program: string, ...words: readonly string[]): Promise<void> {
    const path = find(machine, program);
    if (path === undefined) throw new Failure("unavailable", `${program} is not there`);
    const [first = "", ...rest] = [...asRoot(machine), path, ...words];
    await succeed(machine, first, rest);
  }

  return {
    kind: "system",
    name: `system (${name})`,
    place: at(anchors),
    steps: `a file in it, then ${refresh.join(" ")}`,
    needsRoot: true,
    ...(missing !== undefined && { missing }),
    async holds(root) {
      const taken = compact(root.pem);
      return read(fileOf(root)) === root.pem && bundles.some((bundle) => compact(read(at(bundle))).includes(taken));
    },
    async install(root) {
      await withPemFile(root, (draft) => privileged("install", "-m", "0644", draft, fileOf(root)));
      await privileged(...refresh);
    },
    async remove(root) {
      const file = fileOf(root);
      if (read(file) === root.pem) await privileged("rm", "-f", file);
      await privileged(...forget);
    },
  };
}
