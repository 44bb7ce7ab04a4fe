/** certReqId (RFC 4211 5): the requester's number; -1 where PKCS #10 has none (RFC 9810 5.3.4). */
import { type DerNode, readSmallInteger } from "../der/reader.ts";
import { integer } from "../der/writer.ts";

const minusOne = Uint8Array.of(0x02, 0x01, 0xff);

/** @throws Failure `malformed` below -1 and above 2^31-1 */
export function readCertReqId(node: DerNode): number {
  const { content } = node.expect(0x02, "certReqId");
  return content.length === 1 && content[0] === 0xff ? -1 : readSmallInteger(node, "certReqId", 0x7fff_ffff);
}

export const certReqIdDer = (id: number): Uint8Array => (id === -1 ? minusOne : integer(id));
