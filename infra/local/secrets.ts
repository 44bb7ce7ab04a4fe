import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";

const length = 32;

/** The host's own secret: keys of request fingerprints and secrets of enrolment credentials are derived from it. Made on the first start. */
export function hostSecret(path: string): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, randomBytes(length), { mode: 0o600, flag: "wx" });
  if ((lstatSync(path).mode & 0o077) !== 0)
    throw new Failure("misconfigured", `${path} can be read by others; chmod 600 ${path}`);
  const bytes = new Uint8Array(readFileSync(path));
  if (bytes.length !== length)
    throw new Failure(
      "misconfigured",
      `${path} is damaged; restore it from a backup, or remove it (requests that are being retried then count as new ones, and every enrolment credential has to be made anew)`,
    );
  return bytes;
}
