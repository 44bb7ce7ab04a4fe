/** The root of a host's TLS certificate, and what it may vouch for. */
import { sha1, sha256Hex } from "#shared/crypto/hash";
import { hex, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { oids } from "#shared/pki/oids";
import { pemDecode, pemEncode } from "#shared/pki/pem";

export interface TrustRoot {
  readonly pem: string;
  /** Its common name. */
  readonly name: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-1 of the DER, lower-case hex: by that Windows finds a certificate. */
  readonly thumbprint: string;
  /** All that it may vouch for by name: DNS names with what is below them. What it says of addresses its key is held to alone. */
  readonly names: readonly string[];
  readonly notAfterMs: number;
}

/**
 * Only a root that cannot vouch for other names is put into a store: whoever steals its key would read what the browser
 * sends to anybody.
 * @param pem one certificate
 * @throws Failure `malformed`, `unprocessable`
 */
export function readRoot(pem: string): TrustRoot {
  const [der, ...others] = pemDecode(pem, "CERTIFICATE");
  if (der === undefined || others.length > 0) throw new Failure("malformed", "expected one certificate, PEM");
  const { subject, subjectDer, issuerDer, basicConstraints, nameConstraints, extensions, notAfterMs } =
    parseCertificate(der);
  const name = subject.flat().find(({ type }) => type === "CN")?.value ?? "(no name)";
  if (!sameBytes(subjectDer, issuerDer) || basicConstraints?.ca !== true)
    throw new Failure("unprocessable", `${name} is no root: stores trust roots`);
  const domains = (nameConstraints?.permitted ?? []).flatMap((base) => (base.type === "dns" ? [base.value] : []));
  if (
    extensions.get(oids.nameConstraints)?.critical !== true ||
    domains.length === 0 ||
    domains.length !== nameConstraints?.permitted.length ||
    domains.includes("")
  )
    throw new Failure(
      "unprocessable",
      `${name} may vouch for any name, and belongs into no store: start the host with this release, it makes a root for its own names alone`,
    );
  return {
    pem: pemEncode("CERTIFICATE", der),
    name,
    fingerprint: sha256Hex(der),
    thumbprint: hex(sha1(der)),
    names: domains,
    notAfterMs,
  };
}

/** `AB:CD:…`, as browsers show it. */
export const colons = (fingerprint: string): string => (fingerprint.toUpperCase().match(/../g) ?? []).join(":");

/** Under this name it lies in stores: no other certificate is called so. */
export const storedAs = ({ fingerprint }: TrustRoot): string => `trstctl-${fingerprint.slice(0, 16)}`;
