/** CertRepMessage (RFC 9810 5.3.4): ip, cp and kup. */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readDer } from "../der/reader.ts";
import { explicit, sequence, sequenceOf } from "../der/writer.ts";
import { certReqIdDer, readCertReqId } from "./cert-req-id.ts";
import { parseStatusInfo, type StatusInfo, statusInfoDer } from "./status.ts";

export interface CertResponse {
  readonly certReqId: number;
  readonly info: StatusInfo;
  /** DER. */
  readonly certificate?: Uint8Array;
}

export interface CertRepMessage {
  /** Certificates, DER, that the receiver may trust from now on. */
  readonly caPubs?: readonly Uint8Array[];
  readonly responses: readonly CertResponse[];
}

const responseDer = ({ certReqId, info, certificate }: CertResponse): Uint8Array =>
  sequenceOf([
    certReqIdDer(certReqId),
    statusInfoDer(info),
    ...(certificate === undefined ? [] : [sequence(explicit(0, certificate))]),
  ]);

export const certRepDer = ({ caPubs = [], responses }: CertRepMessage): Uint8Array =>
  sequenceOf([
    ...(caPubs.length === 0 ? [] : [explicit(1, sequenceOf(caPubs))]),
    sequenceOf(responses.map(responseDer)),
  ]);

function parseResponse(node: DerNode): CertResponse {
  const fields = new DerFields(node, "CertResponse");
  const certReqId = readCertReqId(fields.next("certReqId"));
  const info = parseStatusInfo(fields.next("status"));
  const pair = fields.optional(0x30);
  fields.end();
  if (pair === undefined) return { certReqId, info };
  const members = new DerFields(pair, "CertifiedKeyPair");
  const certificate = members.explicit(0xa0, "certificate") ?? pair.fail("CertifiedKeyPair: no certificate");
  members.end();
  return { certReqId, info, certificate: certificate.raw };
}

/** Only what we write: no encrypted certificate, no private key. @throws Failure `malformed` */
export function parseCertRep(der: Uint8Array): CertRepMessage {
  const fields = new DerFields(readDer(der, { maxBytes: 262_144 }), "CertRepMessage");
  const caPubs = fields.explicit(0xa1, "caPubs");
  const responses = fields.next("response", 0x30).children().map(parseResponse);
  fields.end();
  return { ...(caPubs && { caPubs: caPubs.children().map(({ raw }) => raw) }), responses };
}
