/** PKIOperation (RFC 8894 4.3): a pkiMessage in, a CertRep out, whatever becomes of it. */
import type { ContentCipher } from "#shared/crypto/content-cipher";
import { randomBytes } from "#shared/crypto/random";
import { readBody } from "#shared/http/body";
import type { Decision } from "#shared/http/protocol-requests";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { buildEnvelopedData } from "#shared/pki/cms/enveloped-data";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { messageTypes } from "#shared/pki/scep/message-types";
import { buildCertRep, type CertRepStatus } from "#shared/pki/scep/cert-rep";
import { type PkiMessage, parsePkiMessage } from "#shared/pki/scep/pki-message";
import { endpointIssuer } from "#shared/usecases/endpoint-issuer";
import { type RaIdentity, raIdentity } from "#shared/usecases/ra-identity";
import { binaryAnswer, failInfoOf } from "./answers.ts";
import { certPoll } from "./cert-poll.ts";
import { certificationRequest } from "./certification-request.ts";
import type { Exchange, Served } from "./exchange.ts";
import { getCert, getCrl } from "./look-up.ts";
import { type Envelope, openEnvelope, readEnvelope, verifyMessage } from "./open-message.ts";
import type { Handler } from "./received.ts";
import { refused } from "./refused.ts";

const maxMessageBytes = 256 * 1024;

/** All that is served; every other type that parses is refused (I10). */
const handlers: ReadonlyMap<number, readonly [name: string, handler: Handler]> = new Map([
  [messageTypes.RenewalReq, ["RenewalReq", certificationRequest]],
  [messageTypes.PKCSReq, ["PKCSReq", certificationRequest]],
  [messageTypes.CertPoll, ["CertPoll", certPoll]],
  [messageTypes.GetCert, ["GetCert", getCert]],
  [messageTypes.GetCRL, ["GetCRL", getCrl]],
]);
const served = [...handlers].map(([type, [name]]) => `${name} (${type})`).join(", ");

/** @throws Failure `malformed` for what cannot be answered with a CertRep */
export async function pkiOperation(exchange: Exchange, request: Request): Promise<Served> {
  const message = parsePkiMessage(await messageOf(request), { maxBytes: maxMessageBytes, field: "message" });
  return exchange.deps.pool.run(() => answer(exchange, message), exchange.endpoint.tenant);
}

/** @throws Failure `malformed`, `too_large` */
async function messageOf(request: Request): Promise<Uint8Array> {
  if (request.method === "POST") return readBody(request, maxMessageBytes);
  // Clients leave "+" as it is, and a query reads it as a space.
  const text = (new URL(request.url).searchParams.get("message") ?? "").replaceAll(" ", "+").replaceAll(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new Failure("malformed", "message must be the base64 of a pkiMessage (RFC 8894 4.1)");
  return fromBase64(text);
}

async function answer(exchange: Exchange, message: PkiMessage): Promise<Served> {
  const { deps, endpoint } = exchange;
  const issuer = await endpointIssuer(deps, endpoint);
  const [operation, handler] = handlers.get(message.messageType) ?? ["other", undefined];
  let envelope: Envelope | undefined;
  let status: CertRepStatus;
  try {
    await verifyMessage(exchange, message);
    if (handler === undefined)
      throw refused("badRequest", `messageType ${message.messageType} is not served here; served are ${served}`);
    envelope = await readEnvelope(exchange, issuer, message);
    const { content, cipher } = await openEnvelope(exchange, envelope);
    const found = await handler({ ...exchange, issuer, message, content });
    status =
      found === undefined ? { status: "pending" } : { status: "success", envelope: seal(found, message, cipher) };
  } catch (error) {
    const failure = failInfoOf(error);
    if (failure === undefined) throw error;
    status = { status: "failure", failInfo: failure.failInfo, failInfoText: failure.text };
  }
  const ra = envelope?.ra ?? (await raIdentity(deps, endpoint.tenant, issuer.id));
  const der = await certRep(message, status, ra);
  return { answer: binaryAnswer(der, "application/x-pki-message"), operation, decision: decisions[status.status] };
}

const decisions = { success: "allow", pending: "pending", failure: "deny" } as const satisfies Record<string, Decision>;

/** To the certificate that signed, with the cipher that the client itself chose. */
function seal(content: Uint8Array, { certificate }: PkiMessage, cipher: ContentCipher): Uint8Array {
  return buildEnvelopedData({ content, cipher, recipient: certificate, spki: certificate.key.spki });
}

const certRep = (message: PkiMessage, status: CertRepStatus, ra: RaIdentity): Promise<Uint8Array> =>
  buildCertRep({
    transactionId: message.transactionId,
    recipientNonce: message.senderNonce,
    senderNonce: randomBytes(16),
    answer: status,
    signer: readSignerCertificate(ra.certificate),
    certificates: [ra.certificate],
    sign: (attributes) => ra.sign("cms", attributes),
  });
