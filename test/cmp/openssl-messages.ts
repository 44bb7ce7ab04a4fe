/** Messages of `openssl cmp` and its mock server (test/vectors/README.md). */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "vectors", "openssl-cmp");

export const opensslMessage = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, `${name}.der`)));
export const opensslMessages = [
  "ir",
  "ip",
  "certConf",
  "pkiconf",
  "p10cr",
  "cp",
  "kur",
  "rr",
  "rp",
  "genm",
  "genp",
  "pollReq",
  "error",
  "ip-waiting",
] as const;
export const opensslSecret = new TextEncoder().encode("secret");
/** PEM: who signed `kur` and `rr`. */
export const opensslSigner = readFileSync(join(folder, "ee.pem"), "utf8");
