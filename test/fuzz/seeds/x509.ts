/** Valid inputs of every shape that the X.509 parsers read. */
import { csrConfig, opensslCsr } from "#test/vectors/x509";

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
