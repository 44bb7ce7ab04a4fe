import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";

const length = 32;

/** The host's own secret: keys of request fingerprints are derived from it. Made on the first start. */
export function hostSecret(path: string): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, randomBytes(length), { mode: 0o600, flag: "wx" });
  if ((lstatSync(path).mode & 0o077) !== 0)
    throw new Failure("misconfigured", `${path} can be read by others; chmod 600 ${path}`);
  const bytes = new Uint8Array(readFileSync(path));
  if (bytes.length !== length)
    throw new Failure(
      "misconfigured",
      `${path} is damaged; remove it (requests that are being retried then count as new ones)`,
    );
  return bytes;
}
