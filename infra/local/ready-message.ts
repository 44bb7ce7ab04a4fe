import type { HostConfig } from "#shared/contracts/config/host";
import { cloneRoot, type Places } from "./places.ts";
import type { Mode } from "./profile.ts";

/** What the host says on one line when it is ready. */
export interface ReadyFacts {
  readonly apiUrl: string;
  readonly mtlsUrl: string;
  readonly revocationUrl: string;
  /** With `up`, a link that signs in once. */
  readonly consoleUrl: string;
  /** Of the host's TLS certificate, PEM. */
  readonly tlsRoot: string;
}

export function readyMessage(
  mode: Mode,
  _config: HostConfig,
  places: Places,
  { apiUrl, mtlsUrl, revocationUrl, consoleUrl }: Omit<ReadyFacts, "tlsRoot">,
  warning: readonly string[],
): string {
  const below = (line: string): string => `\n               ${line}`;
  const aboutLink = mode === "up" ? ["(signs in once, within 5 minutes; again: npx trstctl console)"] : [];
  const first =
    mode === "up"
      ? `
  Your first certificate, in a second terminal in ${cloneRoot}:
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key \\
      -subj /CN=app.example.test -addext subjectAltName=DNS:app.example.test -out leaf.csr
    npx trstctl certificates issue --csr leaf.csr --out leaf.pem
`
      : `
  Nothing answers without a token. The first one, on this machine:
    npx trstctl token create --tenant <name>
`;
  return `trstctl is ready${mode === "up" ? " (evaluation: loopback only)" : ""}

  Console      ${consoleUrl}${[...aboutLink, ...warning].map(below).join("")}
  API          ${apiUrl}/api/v1, described at ${apiUrl}/api/v1/openapi.json
  mTLS         ${mtlsUrl} (enrolment with a client certificate)
  Revocation   ${revocationUrl} (OCSP, CRLs, CA certificates; plain HTTP)
  Enrolment    ${apiUrl}/directory for ACME clients; EST, SCEP, CMP: docs/enrolment.md
  Data         ${places.data}
  Key for it   ${places.kek} (keep a copy elsewhere: without it the keys cannot be opened)
${first}
  Ctrl-C stops it.
`;
}
