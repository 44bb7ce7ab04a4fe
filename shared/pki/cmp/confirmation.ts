/** CertConfirmContent (RFC 9810 5.3.18). */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readOctetString, readOid } from "../der/reader.ts";
import { byOid, hashOids } from "../oids.ts";
import { readCertReqId } from "./cert-req-id.ts";
import { parseStatusInfo, type StatusInfo } from "./status.ts";

export interface CertStatus {
  readonly certHash: Uint8Array;
  readonly certReqId: number;
  /** Absent: accepted. */
  readonly info?: StatusInfo;
  /** A name of `hashOids`, or the dotted OID; absent: that of the certificate's signature. */
  readonly hashAlgorithm?: string;
}

const hashNames = byOid<keyof typeof hashOids>(hashOids);
const maxStatuses = 100;

/** An empty list rejects everything. @throws Failure `malformed` */
export function parseCertConfirm(node: DerNode): CertStatus[] {
  const members = node.expect(0x30, "CertConfirmContent").children();
  if (members.length > maxStatuses) node.fail(`CertConfirmContent: ${members.length} certificates`);
  return members.map((member) => {
    const fields = new DerFields(member, "CertStatus");
    const certHash = readOctetString(fields.next("certHash"), "certHash");
    const certReqId = readCertReqId(fields.next("certReqId"));
    const info = fields.optional(0x30);
    const hash = fields.explicit(0xa0, "hashAlg");
    fields.end();
    const dotted = hash && readOid(new DerFields(hash, "hashAlg").next("algorithm"));
    return {
      certHash,
      certReqId,
      ...(info && { info: parseStatusInfo(info) }),
      ...(dotted !== undefined && { hashAlgorithm: hashNames.get(dotted) ?? dotted }),
    };
  });
}
