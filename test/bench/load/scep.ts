/** PKCSReq with a challenge, and the CertReps to it; one RSA key for all, since making them would be most of the work. */
import { randomBytes } from "node:crypto";
import { fromBase64, hex } from "#shared/kernel/bytes";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { commonName } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { pkiStatuses } from "#shared/pki/scep/cert-rep-attributes";
import { messageTypes } from "#shared/pki/scep/message-types";
import { pkiMessage, selfSigned } from "#test/scep/message";
import { openEnvelope } from "#test/scep/read-cert-rep";
import { certificationRequest } from "#test/scep/request";
import { newRsaSigner } from "#test/scep/rsa";
import type { Answer } from "./connection.ts";

const signer = newRsaSigner();
const certificate = selfSigned(signer, commonName("bench"));

/** Opening one costs the client an RSA operation: some are. */
const openedEach = 16;

/** @param ra DER, base64 */
export function scepRequests(ra: string, challenge: string, count: number) {
  const run = randomBytes(4).toString("hex");
  const nameOf = (at: number): string => `scep-${at}.${run}.example.test`;
  const recipient = fromBase64(ra);
  const bodies = Array.from({ length: count }, (_, at) => {
    const names = [nameOf(at)];
    return pkiMessage({
      signer,
      certificate,
      recipient,
      messageType: messageTypes.PKCSReq,
      transactionId: hex(randomBytes(16)),
      senderNonce: randomBytes(16),
      content: certificationRequest({ signer, subject: commonName(nameOf(at)), names, challenge }),
    });
  });
  return {
    bodies,
    wrong({ status, body }: Answer, at: number): string | undefined {
      if (status !== 200) return "no CertRep";
      const { signers, content } = parseSignedData(new Uint8Array(body));
      const answered = signers[0]?.attributes.get(oids.pkiStatus)?.[0]?.content;
      if (Buffer.from(answered ?? []).toString() !== pkiStatuses.success) return "not enrolled";
      if (content === undefined || content.length === 0) return "no envelope";
      if (at % openedEach !== 0) return undefined;
      const opened = Buffer.from(openEnvelope(content, signer).content);
      return opened.includes(nameOf(at)) ? undefined : "the certificate of another request";
    },
  };
}
