/** A request for a certificate as the profile sees it, whatever format it came in: possession proven, names canonical. */
import { Failure } from "#shared/kernel/failure";
import { parseCsr, verifyCsr } from "#shared/pki/csr";
import { canonicalName, type GeneralName, generalNameText, type SubjectName } from "#shared/pki/general-name";
import type { PublicKeyInfo } from "#shared/pki/key";
import type { Name } from "#shared/pki/name";

export interface CertificateRequest {
  readonly key: PublicKeyInfo;
  /** What is taken over of it. */
  readonly subject: Name;
  readonly names: readonly SubjectName[];
}

const field = "csr";
const isIssued = (name: GeneralName): name is SubjectName => name.type !== "other";

/** @param der PKCS#10 @throws Failure `malformed` or `invalid_field`, field `csr` */
export async function readCertificateRequest(der: Uint8Array): Promise<CertificateRequest> {
  const csr = parseCsr(der);
  await verifyCsr(csr);
  return certificateRequest(csr);
}

/**
 * From the parts that a format has; that the asker holds the key is for the caller to have proven.
 * @throws Failure `invalid_field`, field `csr`, for names that are not issued
 */
export function certificateRequest(asked: {
  readonly key: PublicKeyInfo;
  readonly subject: Name;
  readonly sans: readonly GeneralName[];
}): CertificateRequest {
  const { key, sans } = asked;
  const unserved = sans.filter((name) => !isIssued(name));
  if (unserved.length > 0)
    throw new Failure(
      "invalid_field",
      `names of type ${unserved.map(generalNameText).join(", ")} are not issued; ask for DNS, IP, e-mail or URI names`,
      { field },
    );
  const commonNames = asked.subject
    .flat()
    .filter(({ type }) => type === "CN")
    .map(({ value }) => value);
  // Clients without a subjectAltName mean their common name as a DNS name (RFC 6125 6.4.4); relying parties no longer do.
  const names =
    sans.length > 0 ? sans.filter(isIssued) : commonNames.slice(0, 1).map((cn) => canonicalName("dns", cn, field));
  if (names.length > 100)
    throw new Failure("invalid_field", `${names.length} names; at most 100 are issued in one certificate`, { field });
  // Only the common name is taken over: nobody has checked the rest (docs/design/0004-subject.md).
  const subject: Name = commonNames.slice(0, 1).map((value) => [{ type: "CN", value }]);
  return { key, subject, names };
}
