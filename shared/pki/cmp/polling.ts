/** PollReqContent and PollRepContent (RFC 9810 5.3.22). */
import { DerFields } from "../der/fields.ts";
import type { DerNode } from "../der/reader.ts";
import { integer, sequence } from "../der/writer.ts";
import { certReqIdDer, readCertReqId } from "./cert-req-id.ts";
import { freeText } from "./free-text.ts";

/** The certReqIds that are asked for. @throws Failure `malformed` */
export function parsePollReq(node: DerNode): number[] {
  const members = node.expect(0x30, "PollReqContent").children();
  if (members.length === 0 || members.length > 100) node.fail(`PollReqContent: ${members.length} requests`);
  return members.map((member) => {
    const fields = new DerFields(member, "PollReqContent");
    const id = readCertReqId(fields.next("certReqId"));
    fields.end();
    return id;
  });
}

export const pollRepDer = (certReqId: number, checkAfterSeconds: number, reason: string): Uint8Array =>
  sequence(sequence(certReqIdDer(certReqId), integer(checkAfterSeconds), freeText(reason)));
