/** Which extensions stand in which certificate, and that each says no more than the guard has read. */
import type { TbsCertificate } from "#shared/pki/certificate";
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  extension,
  keyUsage,
  type KeyUsageName,
  noRevAvail,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { oidName, oids } from "#shared/pki/oids";
import { assertExact, refuse } from "./decision.ts";

type List = ReadonlySet<string>;

const rootList: List = new Set([
  oids.basicConstraints,
  oids.keyUsage,
  oids.subjectKeyIdentifier,
  oids.authorityKeyIdentifier,
]);
/** That the constraints are those of its key is looked at apart. */
export const constrainedRootList: List = new Set([...rootList, oids.nameConstraints]);
export const caList: List = new Set([...constrainedRootList, oids.authorityInfoAccess, oids.cRLDistributionPoints]);
export const leafList: List = new Set([
  ...rootList,
  oids.extKeyUsage,
  oids.subjectAltName,
  oids.certificatePolicies,
  oids.authorityInfoAccess,
  oids.cRLDistributionPoints,
]);
export const responderList: List = new Set([...rootList, oids.extKeyUsage, oids.ocspNoCheck]);

export const raList: List = new Set([...rootList, oids.extKeyUsage, oids.authorityInfoAccess, oids.noRevAvail]);

export function assertOnList(tbs: TbsCertificate, list: List): void {
  for (const oid of tbs.extensions.keys())
    if (!list.has(oid)) refuse(`extension ${oid} is not on the list of what is signed here`);
}

type Encode = (tbs: TbsCertificate, issuerKeyId: Uint8Array, critical: boolean) => Uint8Array;

/** How each would be encoded from what was read of it. Name constraints are compared in `names.ts`. */
const encoders: ReadonlyMap<string, Encode> = new Map<string, Encode>([
  [oids.basicConstraints, ({ basicConstraints: { ca, pathLen } = { ca: false } }) => basicConstraints(ca, pathLen)],
  [oids.keyUsage, ({ keyUsage: usages = [] }) => keyUsage(usages as KeyUsageName[])],
  [oids.subjectKeyIdentifier, ({ spki }) => subjectKeyIdentifier(keyIdentifier(spki))],
  [oids.authorityKeyIdentifier, (_, issuerKeyId) => authorityKeyIdentifier(issuerKeyId)],
  [oids.subjectAltName, ({ sans }, _, critical) => subjectAltName(sans, critical)],
  [
    oids.authorityInfoAccess,
    ({ ocspUrls, caIssuersUrls }) => authorityInfoAccess({ ocsp: ocspUrls, caIssuers: caIssuersUrls }),
  ],
  [oids.cRLDistributionPoints, ({ crlUrls }) => crlDistributionPoints(crlUrls)],
  [oids.certificatePolicies, ({ policies = [] }) => certificatePolicies(policies)],
  [oids.ocspNoCheck, () => ocspNoCheck()],
  [oids.noRevAvail, () => noRevAvail()],
]);

/** Names of other kinds, further access methods, partial or indirect CRLs, another key's identifier: none of it passes. */
export function assertExactExtensions(tbs: TbsCertificate, issuerKeyId: Uint8Array): void {
  if (tbs.ski === undefined) refuse("a certificate needs the subject key identifier of its key");
  for (const [oid, { critical, value }] of tbs.extensions) {
    const encode = encoders.get(oid);
    if (encode === undefined) continue;
    const reason = `${oidName(oid)} is not as this signer would write it`;
    assertExact(extension(oid, critical, value), () => encode(tbs, issuerKeyId, critical), reason);
  }
}
