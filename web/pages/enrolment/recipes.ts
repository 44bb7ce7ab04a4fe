/** Commands for stock clients, with this endpoint's own addresses. docs/acme.md, est.md, scep.md, cmp.md say more. */
export interface Recipe {
  readonly protocol: string;
  readonly client: string;
  readonly command: string;
}

/** @param origin `https://host:port` of the API */
export function recipesFor(origin: string, label: string, protocols: readonly string[]): readonly Recipe[] {
  const all: readonly Recipe[] = [
    {
      protocol: "acme",
      client: "certbot",
      command: `REQUESTS_CA_BUNDLE=root.pem certbot certonly --standalone \\
  --server ${origin}/acme/${label}/directory -d app.example.test`,
    },
    {
      protocol: "acme",
      client: "lego",
      command: `LEGO_CA_CERTIFICATES=root.pem lego --server ${origin}/acme/${label}/directory \\
  --email you@example.test --domains app.example.test --http run`,
    },
    {
      protocol: "est",
      client: "curl",
      command: `curl --cacert root.pem --user <credential>:<secret> -H 'Content-Type: application/pkcs10' \\
  --data-binary @app.b64 ${origin}/.well-known/est/${label}/simpleenroll`,
    },
    {
      protocol: "scep",
      client: "scepclient (micromdm needs AES; see docs/scep.md)",
      command: `${origin}/scep/${label}`,
    },
    {
      protocol: "cmp",
      client: "openssl cmp",
      command: `openssl cmp -cmd p10cr -server ${origin}/.well-known/cmp/p/${label} -csr app.csr \\
  -ref <credential> -secret pass:<secret> -trusted root.pem -certout app.pem`,
    },
  ];
  return all.filter(({ protocol }) => protocols.includes(protocol));
}
