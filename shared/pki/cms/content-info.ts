/** ContentInfo (RFC 5652 3): what every CMS message begins with. */
import { DerFields } from "../der/fields.ts";
import { type DerLimits, type DerNode, readDer, readOid } from "../der/reader.ts";
import { explicit, oid, sequence } from "../der/writer.ts";
import { oidName } from "../oids.ts";
import { contentTypes } from "./algorithms.ts";

/** @returns the content itself. @throws Failure `malformed`, also when it is of another type */
export function readContentInfo(der: Uint8Array, type: keyof typeof contentTypes, limits: DerLimits): DerNode {
  const fields = new DerFields(readDer(der, limits), "ContentInfo");
  const typeNode = fields.next("contentType");
  const dotted = readOid(typeNode, "contentType");
  if (dotted !== contentTypes[type]) typeNode.fail(`ContentInfo: expected ${type}, got ${oidName(dotted)}`);
  const content = fields.explicit(0xa0, "content") ?? typeNode.fail("ContentInfo: content is missing");
  fields.end();
  return content;
}

export const contentInfo = (type: keyof typeof contentTypes, content: Uint8Array): Uint8Array =>
  sequence(oid(contentTypes[type]), explicit(0, content));
