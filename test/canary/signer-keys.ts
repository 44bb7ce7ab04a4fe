/** The signer's private keys, opened as only who has the KEK can: to look for them where they must not be. */
import { createDecipheriv, createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeySpec } from "#shared/ports/signer";
import type { Planted } from "./needles.ts";

interface KeyFile {
  readonly spec: KeySpec;
  readonly dataKey: string;
  readonly privateKey: string;
}

/** AES-256-GCM: nonce, ciphertext, tag. @throws Error when the file does not open */
function opened(key: Uint8Array, sealed: string, aad: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}

/** docs/signer.md: what both seals are bound to. */
function boundTo({ tenant, handle, algorithm, purpose, limits }: KeySpec, part: string): string {
  const { maxLeafSeconds, ratePerSecond, permittedDns, issuerHandle, permittedIps, revocationBaseUrl } = limits;
  const list = [tenant, handle, algorithm, purpose, maxLeafSeconds, ratePerSecond, permittedDns, issuerHandle];
  const later = permittedIps === undefined ? [] : [permittedIps];
  return `trstctl-key/1\n${part}\n${JSON.stringify([...list, ...later, revocationBaseUrl].map((value) => value ?? null))}`;
}

/** PKCS#8 and data key of every key file, and of elliptic-curve keys the bare scalar. */
export function signerKeys(signerDirectory: string, kek: Uint8Array): Planted[] {
  const keys = join(signerDirectory, "keys");
  return readdirSync(keys, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .flatMap((path) => {
      const { spec, dataKey, privateKey } = JSON.parse(readFileSync(join(keys, path), "utf8")) as KeyFile;
      const unsealed = opened(kek, dataKey, boundTo(spec, "data-key"));
      const pkcs8 = opened(unsealed, privateKey, boundTo(spec, "private-key"));
      const { d = "" } = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }).export({ format: "jwk" });
      return [
        { name: `data key of ${path}`, bytes: unsealed },
        { name: `private key of ${path}`, bytes: Buffer.from(d, "base64url") },
      ];
    });
}
