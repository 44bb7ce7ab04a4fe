/** What a provider on loopback shows who it is with: a certificate of its own that the client is told to trust. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ServerIdentity {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/** @param names DNS names; 127.0.0.1 is always there */
export function serverIdentity(...names: readonly string[]): ServerIdentity {
  const directory = mkdtempSync(join(tmpdir(), "idp-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const alternatives = [...names.map((name) => `DNS:${name}`), "IP:127.0.0.1"].join(",");
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const files = ["-keyout", key, "-out", cert, "-subj", "/CN=provider", "-addext", `subjectAltName=${alternatives}`];
  execFileSync("openssl", [...words, ...files], { stdio: "ignore" });
  const identity = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(directory, { recursive: true });
  return identity;
}
