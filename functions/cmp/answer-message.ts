/** From a reply to the PKIMessage that carries it: header, protection as the request had it, certificates (RFC 9810 5.1). */
import { utf8 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import type { BodyType } from "#shared/pki/cmp/body-type";
import { directoryName, type Header, headerDer, type HeaderSpec } from "#shared/pki/cmp/header";
import { macOf } from "#shared/pki/cmp/mac";
import { bodyDer, messageDer, protectedPart } from "#shared/pki/cmp/message";
import { errorContent, type StatusInfo } from "#shared/pki/cmp/status";
import { nameDer } from "#shared/pki/name";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { raIdentity } from "#shared/usecases/ra-identity";
import type { Exchange, Reply } from "./exchange.ts";
import { intermediateCertificates } from "./issuer-certificates.ts";

const nullName = directoryName(nameDer([]));
const newestVersion = 2;

/** What every answer takes over from the message that it answers. */
const answering = (header: Header, nonce: Uint8Array, nowMs: number) =>
  ({
    pvno: header.pvno === 3 ? 3 : newestVersion,
    recipient: header.sender,
    messageTimeMs: nowMs,
    transactionId: header.transactionId,
    senderNonce: nonce,
    recipNonce: header.senderNonce,
  }) satisfies Partial<HeaderSpec>;

/** These carry a certificate or say what one chains to. */
const withChain: ReadonlySet<BodyType> = new Set<BodyType>(["ip", "cp", "kup"]);

export async function answerMessage(exchange: Exchange, reply: Reply): Promise<Uint8Array> {
  return exchange.requester.by === "secret" ? underMac(exchange, reply) : signed(exchange, reply);
}

/** With the key that the requester derived: it has shown to know the secret, and the answer shows that we do. */
async function underMac(exchange: Exchange, { type, content, generalInfo }: Reply): Promise<Uint8Array> {
  const { deps, issuer, message, nonce, requester } = exchange;
  if (requester.by !== "secret") throw new TypeError("underMac: the requester has no secret");
  const header = headerDer({
    ...answering(message.header, nonce, deps.clock.now()),
    sender: directoryName(issuerMaterial(issuer.id, issuer.state).subjectDer),
    protectionAlg: message.header.protectionAlg?.raw,
    senderKid: utf8(requester.credential.id),
    generalInfo,
  });
  const body = bodyDer(type, content);
  const protection = macOf(requester.macKey, protectedPart(header, body));
  const extraCerts = withChain.has(type) ? await intermediateCertificates(exchange) : [];
  return messageDer({ header, body, protection, extraCerts });
}

async function signed(exchange: Exchange, { type, content, generalInfo }: Reply): Promise<Uint8Array> {
  const { deps, endpoint, issuer, message, nonce } = exchange;
  const ra = await raIdentity(deps, endpoint.tenant, issuer.id);
  const { subjectDer, ski } = parseCertificate(ra.certificate);
  const header = headerDer({
    ...answering(message.header, nonce, deps.clock.now()),
    sender: directoryName(subjectDer),
    protectionAlg: algorithmIdentifier("sha256WithRSAEncryption"),
    senderKid: ski,
    generalInfo,
  });
  const body = bodyDer(type, content);
  const protection = await ra.sign("cmp", protectedPart(header, body));
  // RFC 9483 3.3: the certificate of the signature first, then what it chains by; the root is the receiver's own.
  const chain = ra.chain.slice(0, -1);
  return messageDer({ header, body, protection, extraCerts: [ra.certificate, ...chain] });
}

/** To somebody who has not shown who he is: unprotected, because a signature for everybody would cost us more than him. */
export function errorMessage(
  header: Header | undefined,
  info: StatusInfo,
  nonce: Uint8Array,
  nowMs: number,
): Uint8Array {
  const spec =
    header === undefined
      ? { pvno: newestVersion, recipient: nullName, messageTimeMs: nowMs }
      : answering(header, nonce, nowMs);
  return messageDer({ header: headerDer({ sender: nullName, ...spec }), body: bodyDer("error", errorContent(info)) });
}
