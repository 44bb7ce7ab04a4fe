/** Attributes of a signer (RFC 5652 5.3): each type once, each of those that we read with one value. */
import { Failure } from "#shared/kernel/failure";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readOid } from "../der/reader.ts";
import { oid, sequence, set } from "../der/writer.ts";

/** By dotted OID. */
export type Attributes = ReadonlyMap<string, readonly DerNode[]>;

/** @param node SET OF Attribute under any tag. @throws Failure `malformed` */
export function readAttributes(node: DerNode): Attributes {
  const out = new Map<string, DerNode[]>();
  for (const member of node.children()) {
    const fields = new DerFields(member, "Attribute");
    const dotted = readOid(fields.next("attrType"), "attrType");
    const values = fields.next("attrValues", 0x31).children();
    fields.end();
    if (out.has(dotted)) member.fail(`attribute ${dotted} comes twice`);
    out.set(dotted, values);
  }
  return out;
}

/** @returns undefined when it is not there. @throws Failure `malformed` when it has not exactly one value */
export function singleValue(attributes: Attributes, dotted: string, name: string): DerNode | undefined {
  const values = attributes.get(dotted);
  if (values === undefined) return undefined;
  const [value, ...rest] = values;
  if (value === undefined || rest.length > 0)
    throw new Failure("malformed", `attribute ${name}: expected one value, got ${values.length}`);
  return value;
}

export const attribute = (dotted: string, value: Uint8Array): Uint8Array => sequence(oid(dotted), set(value));
