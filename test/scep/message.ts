/** A client's pkiMessage, with everything open to be wrong: what ours must answer to, whoever wrote it. */
import { createHash } from "node:crypto";
import type { ContentCipher } from "#shared/crypto/content-cipher";
import { assembleSigned, buildTbsCertificate } from "#shared/pki/certificate";
import { attribute } from "#shared/pki/cms/attributes";
import { contentInfo } from "#shared/pki/cms/content-info";
import { buildEnvelopedData } from "#shared/pki/cms/enveloped-data";
import { issuerAndSerial } from "#shared/pki/cms/identifier";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import {
  explicit,
  implicitConstructed,
  integer,
  null_,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import { keyUsage } from "#shared/pki/extensions";
import { type Name, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";

/** Who signs a message: with RSA, or with ECDSA over P-256. */
export interface ScepSigner {
  readonly spki: Uint8Array;
  readonly sign: (hash: string, data: Uint8Array) => Uint8Array;
  readonly kind: "RSA" | "EC";
}

/** The certificate that a client without one makes for itself (RFC 8894 2.3). */
export function selfSigned(signer: ScepSigner, subject: Name, serial = 1): Uint8Array {
  const signatureAlgorithm = signer.kind === "RSA" ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
  const tbs = buildTbsCertificate({
    serial: Uint8Array.of(serial),
    signatureAlgorithm,
    issuerNameDer: nameDer(subject),
    subjectNameDer: nameDer(subject),
    notBeforeMs: Date.UTC(2026, 0, 1),
    notAfterMs: Date.UTC(2027, 0, 1),
    spki: signer.spki,
    extensions: [keyUsage(["digitalSignature", "keyEncipherment"])],
  });
  return assembleSigned(tbs, signatureAlgorithm, signer.sign("sha256", tbs));
}

export interface MessageSpec {
  readonly signer: ScepSigner;
  readonly certificate: Uint8Array;
  /** Whose key opens the envelope, DER. */
  readonly recipient: Uint8Array;
  /** A number or what stands there instead; undefined: no such attribute. */
  readonly messageType: number | string | undefined;
  readonly transactionId: string | undefined;
  readonly senderNonce?: Uint8Array | undefined;
  readonly signingTimeMs?: number;
  /** What the envelope holds. */
  readonly content: Uint8Array;
  readonly cipher?: ContentCipher;
  readonly digest?: "sha256" | "sha384" | "sha512" | "sha1" | "md5";
  /** Instead of an envelope around `content`; null: none within. */
  readonly envelope?: Uint8Array | null;
}

const digestOids = { ...oids, md5: "1.2.840.113549.2.5" };

/** @returns ContentInfo, DER */
export function pkiMessage(spec: MessageSpec): Uint8Array {
  const { digest = "sha256", cipher = "aes128-CBC", senderNonce = new Uint8Array(16).fill(0x5a) } = spec;
  const recipient = readSignerCertificate(spec.recipient);
  const envelope =
    spec.envelope === undefined
      ? buildEnvelopedData({ content: spec.content, cipher, recipient, spki: recipient.key.spki })
      : spec.envelope;
  const attributes = [
    attribute(oids.contentType, oid(oids.data)),
    attribute(
      oids.messageDigest,
      octetString(
        new Uint8Array(
          createHash(digest)
            .update(envelope ?? new Uint8Array())
            .digest(),
        ),
      ),
    ),
  ];
  const { messageType, transactionId, signingTimeMs } = spec;
  if (messageType !== undefined) attributes.push(attribute(oids.messageType, printableString(String(messageType))));
  if (transactionId !== undefined) attributes.push(attribute(oids.transactionID, printableString(transactionId)));
  if (senderNonce.length > 0) attributes.push(attribute(oids.senderNonce, octetString(senderNonce)));
  if (signingTimeMs !== undefined) attributes.push(attribute(oids.signingTime, utcOrGeneralizedTime(signingTimeMs)));
  const signed = set(...attributes);
  const implicitSet = signed.slice();
  implicitSet[0] = 0xa0;
  const algorithm = sequence(oid(digestOids[digest]));
  const info = sequence(
    integer(1),
    issuerAndSerial(readSignerCertificate(spec.certificate)),
    algorithm,
    implicitSet,
    spec.signer.kind === "RSA" ? sequence(oid(oids.rsaEncryption), null_()) : sequence(oid(oids.ecPublicKey)),
    octetString(spec.signer.sign(digest, signed)),
  );
  return contentInfo(
    "signedData",
    sequence(
      integer(1),
      set(algorithm),
      sequence(oid(oids.data), ...(envelope === null ? [] : [explicit(0, octetString(envelope))])),
      implicitConstructed(0, spec.certificate),
      set(info),
    ),
  );
}
