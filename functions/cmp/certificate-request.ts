/** A CRMF request as the profile sees it (RFC 4211): what may stand in it, its names, its key, and that the requester holds it. */
import { sameBytes } from "#shared/kernel/bytes";
import { type CertReqMsg, provesPossession } from "#shared/pki/cmp/cert-request";
import type { CertTemplate } from "#shared/pki/cmp/cert-template";
import { readDer } from "#shared/pki/der/reader";
import { type Extensions, parseGeneralNames } from "#shared/pki/extension-values";
import { canonicalName, type GeneralName } from "#shared/pki/general-name";
import { parseSpki, type PublicKeyInfo } from "#shared/pki/key";
import { oids } from "#shared/pki/oids";
import { type CertificateRequest, certificateRequest } from "#shared/usecases/certificate-request";
import { meaning, refuse } from "./refusal.ts";

/** RFC 4211 5: what only the CA fills in is not in a template; version 3 is all that is issued. */
function assertTemplate(template: CertTemplate, issuerDer: Uint8Array): void {
  const forbidden = [...template.forbidden, ...(template.serialHex === undefined ? [] : ["serialNumber"])];
  if (forbidden.length > 0)
    throw refuse("badCertTemplate", `${forbidden.join(", ")} must not be in the template (RFC 4211 5)`);
  if (template.version !== undefined && template.version !== 2)
    throw refuse("badCertTemplate", "only version 3 certificates are issued");
  if (template.issuer !== undefined && !sameBytes(template.issuer, issuerDer))
    throw refuse("wrongAuthority", "the template's issuer is not the CA behind this endpoint");
}

/** Also for proofs that parse: only a signature by the key itself proves anything to us. */
async function assertPossession(request: CertReqMsg, key: PublicKeyInfo): Promise<void> {
  const { popo } = request;
  if (popo === undefined) throw refuse("badPOP", "no proof of possession: sign the request with its key");
  if (popo.type === "raVerified")
    throw refuse("badPOP", "raVerified is believed of nobody: sign the request with its key");
  if (popo.type !== "signature") throw refuse("badPOP", `${popo.type} is not served: prove possession by a signature`);
  if (popo.hasInput)
    throw refuse("badPOP", "poposkInput must be absent where the template has subject and key (RFC 4211 4.1)");
  if (!(await meaning("badAlg", () => provesPossession(request, key))))
    throw refuse("badPOP", "the request is not signed by the key that it carries");
}

function sansOf(extensions: Extensions | undefined): GeneralName[] {
  const found = extensions?.get(oids.subjectAltName);
  if (found === undefined) return [];
  const names = parseGeneralNames(readDer(found.value));
  return names.map((name) => (name.type === "other" ? name : canonicalName(name.type, name.value)));
}

/**
 * Possession proven.
 * @param issuerDer Name of the CA, DER
 * @param controls that are served with this body
 * @throws Failure `badCertTemplate`, `wrongAuthority`, `badPOP`, `badAlg`, `badRequest`
 */
export async function readRequest(
  request: CertReqMsg,
  issuerDer: Uint8Array,
  controls: readonly string[],
): Promise<CertificateRequest> {
  const { template } = request;
  const unserved = [...request.controls.keys()].filter((name) => !controls.includes(name));
  if (unserved.length > 0) throw refuse("badRequest", `control ${unserved.join(", ")} is not served with this message`);
  if (request.hasRegInfo) throw refuse("badRequest", "regInfo is not served; leave it out");
  assertTemplate(template, issuerDer);
  const { spki, subject } = template;
  if (spki === undefined)
    throw refuse("badCertTemplate", "publicKey is missing: keys are made by the requester, not here");
  if (subject === undefined) throw refuse("badCertTemplate", "subject is missing; it may be empty");
  const key = await meaning("badAlg", () => parseSpki(spki));
  await assertPossession(request, key);
  return meaning("badCertTemplate", () =>
    certificateRequest({ key, subject: subject.name, sans: sansOf(template.extensions) }),
  );
}
