/** Valid inputs of every shape that the X.509 parsers read. */
import { csrConfig, opensslCsr, type TestKey, testKey } from "#test/vectors/x509";

let made: { readonly ca: TestKey; readonly rsa: TestKey } | undefined;

/** Made once for a run: RSA keys take long. */
export const seedKeys = () => (made ??= { ca: testKey(), rsa: testKey("RSA-2048") });

const minimal = `[req]
prompt=no
distinguished_name=dn
[dn]
CN=a.example
`;

export const csrSeeds = (): Uint8Array[] => [
  opensslCsr(csrConfig),
  opensslCsr(minimal),
  opensslCsr(minimal, ["-newkey", "ed25519"]),
  opensslCsr(csrConfig, ["-newkey", "rsa:1024"]),
];
