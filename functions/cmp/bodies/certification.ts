/** ir, cr and kur (RFC 9810 5.3.1, 5.3.3, 5.3.5; RFC 9483 4.1): one CRMF request. */
import { sameBytes } from "#shared/kernel/bytes";
import { parseCrmfCertId } from "#shared/pki/cmp/cert-id";
import { type CertReqMsg, parseCertReqMessages } from "#shared/pki/cmp/cert-request";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";
import { readRequest } from "../certificate-request.ts";
import type { Exchange, Reply } from "../exchange.ts";
import { refuse } from "../refusal.ts";
import { answerEnrolment, type Requested } from "./enrolment.ts";

/** @throws Failure `badRequest` unless it is one request (RFC 9483 4.1.1) */
export function onlyRequest({ message: { content } }: Pick<Exchange, "message">): CertReqMsg {
  const [request, ...rest] = parseCertReqMessages(content);
  if (request === undefined || rest.length > 0)
    throw refuse("badRequest", "one certificate request a message is served (RFC 9483 4.1.1)");
  return request;
}

/** What a template asks for beside names and key. */
export const askedBy = ({ template: { subject, extensions, notAfterMs } }: CertReqMsg): Requested["asked"] => ({
  subject: subject?.name ?? [],
  extensions: extensions ?? new Map(),
  notAfterMs,
});

async function requested({ issuer }: Exchange, request: CertReqMsg, controls: readonly string[]): Promise<Requested> {
  const issuerDer = issuerMaterial(issuer.id, issuer.state).subjectDer;
  const read = await readRequest(request, issuerDer, controls);
  const { notAfterMs } = request.template;
  return {
    certReqId: request.certReqId,
    request: read,
    bytes: request.certRequest,
    asked: askedBy(request),
    ...(notAfterMs !== undefined && { notAfterMs }),
  };
}

export async function certification(exchange: Exchange): Promise<Reply> {
  const request = onlyRequest(exchange);
  return answerEnrolment(exchange, request.certReqId, () => requested(exchange, request, []));
}

/** Signed by the certificate that is replaced: nothing else shows who may replace it (RFC 9483 4.1.3). */
export async function keyUpdate(exchange: Exchange): Promise<Reply> {
  const request = onlyRequest(exchange);
  const { requester } = exchange;
  if (requester.by !== "certificate")
    throw refuse("wrongIntegrity", "a key update must be signed by the certificate that it replaces (RFC 9483 4.1.3)");
  const read = async (): Promise<Requested> => {
    assertOfIssuer(exchange, requester.certificate);
    assertOldCertificate(request, requester.shown);
    return requested(exchange, request, ["oldCertID"]);
  };
  return answerEnrolment(exchange, request.certReqId, read, requester.certificate);
}

function assertOfIssuer({ issuer }: Exchange, { state }: Present<"certificate">): void {
  if (state.issuer !== issuer.id)
    throw refuse("wrongAuthority", "the certificate is of another CA than the one behind this endpoint");
}

function assertOldCertificate(
  { controls }: CertReqMsg,
  shown: { readonly issuerDer: Uint8Array; readonly serialHex: string },
): void {
  const control = controls.get("oldCertID");
  if (control === undefined) return; // then it is the one that signed (RFC 9483 4.1.3)
  const { issuer, serialHex } = parseCrmfCertId(control);
  if (serialHex !== shown.serialHex || !sameBytes(issuer, shown.issuerDer))
    throw refuse("badCertId", "oldCertID is not the certificate that signed");
}
