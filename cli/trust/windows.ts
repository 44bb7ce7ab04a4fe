/** The user's store of roots (certutil). Edge and Chrome read it, and Firefox from 120 on. Not run by us: see docs/console.md. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Machine, run, succeed } from "./machine.ts";
import { withPemFile } from "./pem-file.ts";
import type { TrustRoot } from "./root.ts";
import type { Store } from "./store.ts";

export function windowsStore(machine: Machine): Store {
  // By its whole path: NSS has a certutil too.
  const certutil = join(machine.environment["SystemRoot"] || "C:\\Windows", "System32", "certutil.exe");
  const holds = async ({ thumbprint }: TrustRoot): Promise<boolean> =>
    (await run(machine, certutil, ["-user", "-store", "Root", thumbprint])).ok;
  return {
    kind: "browsers",
    name: "the user's roots (Edge, Chrome, Firefox)",
    place: "CurrentUser\\Root",
    steps: "certutil -user -addstore Root; Windows asks",
    needsRoot: false,
    ...(!existsSync(certutil) && { missing: `${certutil} is not there: it is a part of Windows` }),
    holds,
    install: (root) =>
      withPemFile(root, async (file) => {
        await succeed(machine, certutil, ["-user", "-addstore", "Root", file]);
      }),
    async remove(root) {
      if (await holds(root)) await succeed(machine, certutil, ["-user", "-delstore", "Root", root.thumbprint]);
    },
  };
}
