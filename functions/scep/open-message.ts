/** From a pkiMessage to what its signer put into the envelope (RFC 8894 3.1, 3.2). */
import { type ContentCipher, contentCiphers, decryptContent } from "#shared/crypto/content-cipher";
import { sameBytes } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { isNullOrAbsent } from "#shared/pki/cms/algorithms";
import { type EnvelopedData, parseEnvelopedData, type Recipient } from "#shared/pki/cms/enveloped-data";
import { identifies } from "#shared/pki/cms/identifier";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { signerAlgorithm, verifySigner } from "#shared/pki/cms/verify-signer";
import { readDer } from "#shared/pki/der/reader";
import { oidName, oids } from "#shared/pki/oids";
import type { PkiMessage } from "#shared/pki/scep/pki-message";
import { readSerial } from "#shared/pki/serial";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";
import { type RaIdentity, raIdentity } from "#shared/usecases/ra-identity";
import type { Exchange } from "./exchange.ts";
import { refused, unopened } from "./refused.ts";

/** Devices without a clock of their own are hours off, not days. */
const maxSkewMs = 24 * 3_600_000;

const askForLegacy = "which this endpoint takes only with legacy_algorithms";

/**
 * Who signed has the key of the certificate that the message brings, and can be answered.
 * @throws Failure with failInfo badAlg, badMessageCheck, badTime
 */
export async function verifyMessage({ deps, endpoint }: Exchange, message: PkiMessage): Promise<void> {
  const { signedData, signer, certificate, signingTimeMs } = message;
  const algorithm = signerAlgorithm(signer);
  if (algorithm === undefined)
    throw refused(
      "badAlg",
      `the message is signed with ${oidName(signer.signatureAlgorithm.algorithm)} over ${signer.digest ?? "an unknown digest"}; use RSA with SHA-256, SHA-384 or SHA-512`,
    );
  if ("legacy" in algorithm && !endpoint.state.legacy_algorithms)
    throw refused("badAlg", `the message is signed with ${algorithm.legacy}, ${askForLegacy}; use SHA-256`);
  if (!(await verifySigner(signedData, signer, certificate.key, algorithm)))
    throw refused(
      "badMessageCheck",
      "the signature of the message is not by the key of the certificate that it brings, or is not over what it holds",
    );
  if (certificate.key.algorithm !== "RSA")
    throw refused(
      "badAlg",
      `nothing can be encrypted to the ${certificate.key.algorithm} key that signed this message, and SCEP answers encrypted (RFC 8894 3.3.2): use an RSA key, or another protocol`,
    );
  const now = deps.clock.now();
  if (signingTimeMs !== undefined && Math.abs(signingTimeMs - now) > maxSkewMs)
    throw refused(
      "badTime",
      `signingTime is ${new Date(signingTimeMs).toISOString()}, and here it is ${new Date(now).toISOString()}; set the client's clock`,
    );
}

export interface Envelope {
  readonly data: EnvelopedData;
  readonly recipient: Recipient;
  /** Of whom it is encrypted to. */
  readonly ra: RaIdentity;
}

/**
 * Whose RA certificate the client knows: that one opens, and signs the answer.
 * @returns undefined for an envelope to nobody of ours. @throws Failure `malformed`
 */
export async function readEnvelope(
  { deps, endpoint }: Exchange,
  issuer: Present<"issuer">,
  { envelope }: PkiMessage,
): Promise<Envelope | undefined> {
  if (envelope === undefined) throw refused("badRequest", "the message has no pkcsPKIEnvelope");
  const data = parseEnvelopedData(envelope, { maxBytes: envelope.length });
  const { subjectDer } = issuerMaterial(issuer.id, issuer.state);
  for (const recipient of data.recipients) {
    const { recipient: named } = recipient;
    if ("issuerDer" in named && !sameBytes(named.issuerDer, subjectDer)) continue; // others may be meant as well
    const ra = await recipientRa(deps, endpoint.tenant, issuer.id, recipient);
    if (ra !== undefined) return { data, recipient, ra };
  }
  return undefined;
}

async function recipientRa(
  deps: Exchange["deps"],
  tenant: string,
  issuer: string,
  { recipient }: Recipient,
): Promise<RaIdentity | undefined> {
  const serial = "serialDer" in recipient ? readSerial(readDer(recipient.serialDer)) : undefined;
  const ra = await raIdentity(deps, tenant, issuer, serial).catch((error: unknown) => {
    if (isFailure(error, "not_found")) return undefined;
    throw error;
  });
  return ra !== undefined && identifies(recipient, readSignerCertificate(ra.certificate)) ? ra : undefined;
}

export interface Opened {
  /** What the client chose, and so can read. */
  readonly cipher: ContentCipher;
  readonly content: Uint8Array;
}

/** @throws Failure with failInfo badAlg, badMessageCheck: the same for all that goes wrong once something is decrypted */
export async function openEnvelope({ endpoint }: Exchange, envelope: Envelope | undefined): Promise<Opened> {
  if (envelope === undefined)
    throw refused(
      "badMessageCheck",
      "the envelope is encrypted to no RA certificate that is in force here; fetch GetCACert again",
    );
  const { data, recipient, ra } = envelope;
  const { algorithm, parameters } = recipient.keyEncryptionAlgorithm;
  if (algorithm !== oids.rsaEncryption || !isNullOrAbsent(parameters))
    throw refused("badAlg", `key transport with ${oidName(algorithm)} is not served; use rsaEncryption`);
  if ("unknown" in data.encryption)
    throw refused(
      "badAlg",
      `content encryption with ${data.encryption.unknown} is not served; use AES-128-CBC, AES-192-CBC or AES-256-CBC`,
    );
  const { cipher, iv } = data.encryption;
  if (cipher === "des-EDE3-CBC" && !endpoint.state.legacy_algorithms)
    throw refused("badAlg", `the content is encrypted with ${cipher}, ${askForLegacy}; use AES`);
  const key = await ra.decrypt(recipient.encryptedKey, contentCiphers[cipher].keyOctets).catch((error: unknown) => {
    if (isFailure(error, "malformed")) throw unopened(error);
    throw error;
  });
  const content = decryptContent(cipher, { key, iv, ciphertext: data.ciphertext });
  key.fill(0);
  if (content === undefined) throw unopened();
  return { cipher, content };
}

/** @throws Failure `unopened` for whatever the parser does not take */
export async function readContent<T>(content: Uint8Array, parse: (der: Uint8Array) => T | Promise<T>): Promise<T> {
  try {
    return await parse(content);
  } catch (error) {
    if (isFailure(error, "malformed") || isFailure(error, "invalid_field")) throw unopened(error);
    throw error;
  }
}
