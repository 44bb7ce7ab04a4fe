/** The login keychain (security(1)). Safari and Chrome read it, and Firefox from 120 on. Not run by us: see docs/console.md. */
import { join } from "node:path";
import { Failure } from "#shared/kernel/failure";
import { find, type Machine, succeed } from "./machine.ts";
import { withPemFile } from "./pem-file.ts";
import type { TrustRoot } from "./root.ts";
import type { Store } from "./store.ts";

export function macosStore(machine: Machine): Store {
  const keychain = join(machine.home, "Library", "Keychains", "login.keychain-db");
  const path = find(machine, "security");
  const security = (...words: readonly string[]): Promise<string> => {
    if (path === undefined) throw new Failure("unavailable", "security is not there: it is a part of macOS");
    return succeed(machine, path, words);
  };
  const holds = async ({ thumbprint }: TrustRoot): Promise<boolean> =>
    (await security("find-certificate", "-a", "-Z", keychain)).includes(`SHA-1 hash: ${thumbprint.toUpperCase()}`);
  return {
    kind: "browsers",
    name: "login keychain (Safari, Chrome, Firefox)",
    place: keychain,
    steps: "security add-trusted-cert, for TLS; macOS asks for your password",
    needsRoot: false,
    ...(path === undefined && { missing: "security is not there: it is a part of macOS" }),
    holds,
    install: (root) =>
      withPemFile(root, async (file) => {
        await security("add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", keychain, file);
      }),
    async remove(root) {
      // `-t`: its trust settings too.
      if (await holds(root)) await security("delete-certificate", "-Z", root.thumbprint.toUpperCase(), "-t", keychain);
    },
  };
}
