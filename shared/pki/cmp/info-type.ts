/** InfoTypeAndValue (RFC 9810 5.3.19): in headers, general messages and their answers. */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readOid } from "../der/reader.ts";
import { oid, sequenceOf } from "../der/writer.ts";
import { byOid } from "../oids.ts";
import { type InfoTypeName, infoTypeOids } from "./oids.ts";

export interface InfoTypeAndValue {
  /** A name of `infoTypeOids`, or the dotted OID. */
  readonly type: string;
  readonly value?: DerNode;
}

const names = byOid<InfoTypeName>(infoTypeOids);
const maxEntries = 64;

/** @throws Failure `malformed` */
export function parseInfoTypes(node: DerNode, what: string): InfoTypeAndValue[] {
  const members = node.expect(0x30, what).children();
  if (members.length > maxEntries) node.fail(`${what}: ${members.length} entries; ${maxEntries} are read`);
  return members.map((member) => {
    const fields = new DerFields(member, "InfoTypeAndValue");
    const dotted = readOid(fields.next("infoType"));
    const value = fields.peek === -1 ? undefined : fields.next("infoValue");
    fields.end();
    return { type: names.get(dotted) ?? dotted, ...(value && { value }) };
  });
}

/** @param value DER */
export const infoTypeDer = (type: InfoTypeName, value?: Uint8Array): Uint8Array =>
  sequenceOf([oid(infoTypeOids[type]), ...(value === undefined ? [] : [value])]);
