/** RevReqContent and RevRepContent (RFC 9810 5.3.9, 5.3.10). */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readDer, readEnumerated } from "../der/reader.ts";
import { explicit, sequence, sequenceOf } from "../der/writer.ts";
import { parseExtensions } from "../extension-values.ts";
import { oids, oidName } from "../oids.ts";
import { type ReasonName, reasonOf } from "../reason.ts";
import { crmfCertIdDer, type IssuerAndSerial } from "./cert-id.ts";
import { type CertTemplate, parseCertTemplate } from "./cert-template.ts";
import { type StatusInfo, statusInfoDer } from "./status.ts";

export interface RevDetails {
  readonly template: CertTemplate;
  readonly reason?: ReasonName;
  /** Extensions of the CRL entry other than the reason. */
  readonly otherExtensions: readonly string[];
}

const maxDetails = 100;

function parseDetails(node: DerNode): RevDetails {
  const fields = new DerFields(node, "RevDetails");
  const template = parseCertTemplate(fields.next("certDetails"));
  const list = fields.optional(0x30);
  fields.end();
  const extensions = list === undefined || list.length === 0 ? undefined : parseExtensions(list, "accept");
  const found = extensions?.get(oids.reasonCode);
  return {
    template,
    ...(found && { reason: reasonOf(readEnumerated(readDer(found.value), "reasonCode", 10)) }),
    otherExtensions: [...(extensions?.keys() ?? [])].filter((dotted) => dotted !== oids.reasonCode).map(oidName),
  };
}

/** @throws Failure `malformed` */
export function parseRevReq(node: DerNode): RevDetails[] {
  const members = node.expect(0x30, "RevReqContent").children();
  if (members.length === 0 || members.length > maxDetails) node.fail(`RevReqContent: ${members.length} certificates`);
  return members.map(parseDetails);
}

/** For one certificate. */
export const revRepDer = (info: StatusInfo, certificate?: IssuerAndSerial): Uint8Array =>
  sequenceOf([
    sequence(statusInfoDer(info)),
    ...(certificate === undefined ? [] : [explicit(0, sequence(crmfCertIdDer(certificate)))]),
  ]);
