import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import { base64url } from "#shared/kernel/bytes";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";

interface Asked {
  /** Default: the first name; null: none. */
  readonly cn?: string | null;
  readonly key?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** A request as `finalize` takes it: base64url of a PKCS #10 under a new P-256 key. */
export function csrFor(names: readonly string[], { cn = names[0] ?? null, key }: Asked = {}): string {
  const { publicKey, privateKey } = key ?? generateKeyPairSync("ec", { namedCurve: "P-256" });
  return base64url(
    buildCsr({
      subject: cn === null ? [] : commonName(cn),
      names: names.map((name) => canonicalName(/^[\d.]+$|:/.test(name) ? "ip" : "dns", name)),
      spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
      signatureAlgorithm: "ecdsa-with-SHA256",
      sign: (data) =>
        new Uint8Array(sign("sha256", data, createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })))),
    }),
  );
}
