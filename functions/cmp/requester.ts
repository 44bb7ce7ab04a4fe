/** Who sent a message, by its protection (RFC 9810 5.1.3): nothing is done for a message that has none. */
import { verifySignature } from "#shared/crypto/signature";
import { sameBytes, utf8, utf8Text } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { deriveMacKey, type MacKey, verifyMac } from "#shared/pki/cmp/mac";
import { type MacAlgorithm, parseMacAlgorithm } from "#shared/pki/cmp/mac-algorithm";
import type { PkiMessage } from "#shared/pki/cmp/message";
import type { DerNode } from "#shared/pki/der/reader";
import { canSign } from "#shared/pki/key";
import { parseRequestSignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { credentialFor, secretText } from "#shared/usecases/enrolment-credentials";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { Present } from "#shared/usecases/load";
import type { BoundDeps } from "../function.ts";
import { meaning, refuse } from "./refusal.ts";

interface Named {
  /** For the audit trail. */
  readonly subject: string;
}

/** `macKey`: what the answer is protected with. */
export type Requester =
  | (Named & {
      readonly by: "secret";
      readonly credential: Present<"enrolment-credential">;
      readonly macKey: MacKey;
    })
  | (Named & {
      readonly by: "certificate";
      readonly certificate: Present<"certificate">;
      readonly shown: Certificate;
    });

/** @throws Failure `badAlg`, `badMessageCheck`, `wrongIntegrity` or `signerNotTrusted` */
export async function authenticate(deps: BoundDeps, endpoint: Endpoint, message: PkiMessage): Promise<Requester> {
  const { protectionAlg } = message.header;
  const { protection } = message;
  if (protectionAlg === undefined || protection === undefined)
    throw refuse(
      "badMessageCheck",
      "the message is not protected; protect it with an enrolment credential or certificate",
    );
  const mac = await meaning("badAlg", () => parseMacAlgorithm(protectionAlg));
  return mac === undefined
    ? byCertificate(deps, endpoint, message, protectionAlg, protection)
    : bySecret(deps, endpoint, message, mac, protection);
}

const wrongMac = "the MAC is wrong, or its credential is unknown, expired or revoked; check -ref and -secret";

async function bySecret(
  deps: BoundDeps,
  endpoint: Endpoint,
  { header, protectedPart }: PkiMessage,
  algorithm: MacAlgorithm,
  protection: Uint8Array,
): Promise<Requester> {
  if (!endpoint.state.auth.includes("secret"))
    throw refuse("wrongIntegrity", "this endpoint takes no MAC; sign the message with a certificate from it");
  const { credential, secret } = await credentialFor(deps, endpoint, referenceOf(header.senderKid)).catch(
    (error: unknown) => {
      throw isFailure(error, "unauthenticated") ? refuse("badMessageCheck", wrongMac, error) : error;
    },
  );
  const text = utf8(secretText(secret));
  const macKey = await deriveMacKey(algorithm, text);
  text.fill(0);
  if (!verifyMac(macKey, protectedPart, protection)) {
    macKey.key.fill(0);
    throw refuse("badMessageCheck", wrongMac);
  }
  return { by: "secret", subject: `cmp:credential/${credential.id}`, credential, macKey };
}

/** A key identifier is octets: what is no text names no credential. */
function referenceOf(senderKid: Uint8Array | undefined): string {
  try {
    return senderKid === undefined ? "" : utf8Text(senderKid);
  } catch {
    return "";
  }
}

async function byCertificate(
  deps: BoundDeps,
  endpoint: Endpoint,
  { header, extraCerts: [der], protectedPart }: PkiMessage,
  algorithmNode: DerNode,
  signature: Uint8Array,
): Promise<Requester> {
  if (!endpoint.state.auth.includes("certificate"))
    throw refuse(
      "wrongIntegrity",
      "this endpoint takes no signature; protect the message with an enrolment credential",
    );
  const algorithm = await meaning("badAlg", () => parseRequestSignatureAlgorithm(algorithmNode));
  if (der === undefined)
    throw refuse("badMessageCheck", "extraCerts must begin with the certificate of the signature (RFC 9483 3.3)");
  const certificate = await meaning("signerNotTrusted", () => presentedCertificate(deps, endpoint, der));
  const shown = parseCertificate(der);
  if (shown.keyUsage !== undefined && !shown.keyUsage.includes("digitalSignature"))
    throw refuse("signerNotTrusted", "the certificate's key is not for signatures");
  if (header.senderName === undefined || !sameBytes(header.senderName, shown.subjectDer))
    throw refuse("badMessageCheck", "sender is not the subject of the certificate that signed");
  if (header.senderKid !== undefined && shown.ski !== undefined && !sameBytes(header.senderKid, shown.ski))
    throw refuse("badMessageCheck", "senderKID is not the key identifier of the certificate that signed");
  if (!canSign(shown.key, algorithm)) throw refuse("badAlg", `a ${shown.key.algorithm} key does not sign ${algorithm}`);
  const valid = await verifySignature({ algorithm, spki: shown.spki, data: protectedPart, signature });
  if (!valid) throw refuse("badMessageCheck", "the signature of the message is wrong");
  return { by: "certificate", subject: `cmp:certificate/${certificate.id}`, certificate, shown };
}
