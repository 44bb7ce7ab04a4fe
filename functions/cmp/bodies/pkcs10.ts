/** p10cr (RFC 9810 5.3.5, RFC 9483 4.1.4): a PKCS #10 request, which has no certReqId. */
import { type Csr, parseCsr, verifyCsr } from "#shared/pki/csr";
import { certificateRequest } from "#shared/usecases/certificate-request";
import type { Exchange, Reply } from "../exchange.ts";
import { meaning } from "../refusal.ts";
import { answerEnrolment, type Requested } from "./enrolment.ts";

/** RFC 9810 5.3.4. */
export const noCertReqId = -1;

export const askedByPkcs10 = ({ subject, requestedExtensions }: Csr): Requested["asked"] => ({
  subject,
  extensions: new Map(requestedExtensions.map(({ oid, ...value }) => [oid, value])),
});

async function requested({ message: { content } }: Exchange): Promise<Requested> {
  const csr = parseCsr(content.raw);
  await meaning("badPOP", () => verifyCsr(csr));
  const request = await meaning("badCertTemplate", () => certificateRequest(csr));
  return { certReqId: noCertReqId, request, bytes: csr.der, asked: askedByPkcs10(csr) };
}

export const pkcs10 = (exchange: Exchange): Promise<Reply> =>
  answerEnrolment(exchange, noCertReqId, () => requested(exchange));
