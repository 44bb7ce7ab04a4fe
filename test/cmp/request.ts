/** Requests as a client would make them, with any part wrong on purpose. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { constants } from "node:crypto";
import { algorithmIdentifier, type SignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { signatureAlgorithms } from "#shared/crypto/signature";
import { type BodyType } from "#shared/pki/cmp/body-type";
import { certReqIdDer } from "#shared/pki/cmp/cert-req-id";
import { directoryName, type HeaderSpec, headerDer } from "#shared/pki/cmp/header";
import { deriveMacKey, macOf } from "#shared/pki/cmp/mac";
import { type MacAlgorithm, macAlgorithmDer } from "#shared/pki/cmp/mac-algorithm";
import { bodyDer, messageDer, protectedPart } from "#shared/pki/cmp/message";
import { parseCertificate } from "#shared/pki/certificate";
import {
  bitString,
  explicit,
  implicitConstructed,
  integer,
  octetString,
  sequence,
  sequenceOf,
  tlv,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";

export const nullName = directoryName(nameDer([]));

/** What `openssl cmp` 3.0 does, but for the hash of the HMAC. */
export const passwordBasedMac = (
  over: Partial<Extract<MacAlgorithm, { type: "PasswordBasedMac" }>> = {},
): MacAlgorithm => ({
  type: "PasswordBasedMac",
  salt: new Uint8Array(randomBytes(16)),
  iterations: 500,
  owf: "sha256",
  mac: "sha256",
  ...over,
});

export interface ClientKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
}

export function newClientKey(): ClientKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey,
    spki: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    algorithm: "ecdsa-with-SHA256",
  };
}

export function signWith(
  { privateKey, algorithm }: Pick<ClientKey, "privateKey" | "algorithm">,
  data: Uint8Array,
): Uint8Array {
  const row = signatureAlgorithms[algorithm];
  const padding =
    row.saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: row.saltLength };
  return new Uint8Array(sign(row.hash, data, { key: privateKey, ...padding }));
}

export type Protection =
  | { readonly reference: string; readonly secret: Uint8Array; readonly algorithm?: MacAlgorithm }
  | { readonly key: ClientKey; readonly certificate: Uint8Array; readonly chain?: readonly Uint8Array[] }
  | undefined;

export interface RequestSpec {
  readonly type: BodyType;
  /** DER of the alternative. */
  readonly content: Uint8Array;
  readonly protection: Protection;
  readonly header?: Partial<HeaderSpec>;
  readonly extraCerts?: readonly Uint8Array[];
  /** Changes the protection before it is put in. */
  readonly spoil?: (protection: Uint8Array) => Uint8Array;
}

/** A protected PKIMessage, DER. */
export async function pkiMessage({
  type,
  content,
  protection,
  header = {},
  extraCerts,
  spoil = (same) => same,
}: RequestSpec) {
  const signer = protection !== undefined && "key" in protection ? protection : undefined;
  const shared = protection !== undefined && "secret" in protection ? protection : undefined;
  const mac = shared && (shared.algorithm ?? passwordBasedMac());
  const spec: HeaderSpec = {
    pvno: 2,
    sender: signer === undefined ? nullName : directoryName(parseCertificate(signer.certificate).subjectDer),
    recipient: nullName,
    messageTimeMs: Date.now(),
    protectionAlg: signer ? algorithmIdentifier(signer.key.algorithm) : mac && macAlgorithmDer(mac),
    senderKid: shared && new TextEncoder().encode(shared.reference),
    transactionId: new Uint8Array(randomBytes(16)),
    senderNonce: new Uint8Array(randomBytes(16)),
    ...header,
  };
  const headerBytes = headerDer(spec);
  const body = bodyDer(type, content);
  const part = protectedPart(headerBytes, body);
  let bits: Uint8Array | undefined;
  if (signer) bits = signWith(signer.key, part);
  if (shared && mac) bits = macOf(await deriveMacKey(mac, shared.secret), part);
  return messageDer({
    header: headerBytes,
    body,
    protection: bits && spoil(bits),
    extraCerts: extraCerts ?? (signer ? [signer.certificate, ...(signer.chain ?? [])] : []),
  });
}

export interface TemplateSpec {
  readonly subject?: string;
  readonly spki?: Uint8Array;
  /** Extension elements, DER. */
  readonly extensions?: readonly Uint8Array[];
  readonly notAfterMs?: number;
  readonly issuer?: Uint8Array;
  readonly serial?: Uint8Array;
  /** Put in front of the others: members that must not be there. */
  readonly first?: readonly Uint8Array[];
}

/** CertTemplate, DER. */
export const certTemplate = ({
  subject,
  spki,
  extensions,
  notAfterMs,
  issuer,
  serial,
  first = [],
}: TemplateSpec): Uint8Array =>
  sequenceOf([
    ...first,
    ...(serial === undefined ? [] : [integer(serial, 0x81)]),
    ...(issuer === undefined ? [] : [explicit(3, issuer)]),
    ...(notAfterMs === undefined ? [] : [implicitConstructed(4, explicit(1, utcOrGeneralizedTime(notAfterMs)))]),
    ...(subject === undefined ? [] : [explicit(5, nameDer(commonName(subject)))]),
    ...(spki === undefined ? [] : [retag(spki, 0xa6)]),
    ...(extensions === undefined ? [] : [retag(sequenceOf(extensions), 0xa9)]),
  ]);

const retag = (der: Uint8Array, tag: number): Uint8Array => Uint8Array.from(der, (byte, at) => (at === 0 ? tag : byte));

export interface CertReqSpec extends TemplateSpec {
  readonly certReqId?: number;
  readonly key: ClientKey;
  /** Controls, DER. */
  readonly controls?: readonly Uint8Array[];
  /** ProofOfPossession, DER; `none` leaves it out. Default: the key's signature. */
  readonly popo?: Uint8Array | "none";
  readonly regInfo?: Uint8Array;
}

/** CertReqMessages with one request, DER. */
export function certReqMessages({
  certReqId = 0,
  key,
  controls = [],
  popo,
  regInfo,
  ...template
}: CertReqSpec): Uint8Array {
  const request = sequenceOf([
    certReqIdDer(certReqId),
    certTemplate({ spki: key.spki, ...template }),
    ...(controls.length === 0 ? [] : [sequenceOf(controls)]),
  ]);
  const proof = popo ?? signatureProof(key, request);
  return sequence(
    sequenceOf([request, ...(proof === "none" ? [] : [proof]), ...(regInfo === undefined ? [] : [regInfo])]),
  );
}

const signatureProof = (key: ClientKey, request: Uint8Array): Uint8Array =>
  tlv(0xa1, [algorithmIdentifier(key.algorithm), bitString(signWith(key, request))]);

/** CertConfirmContent for one certificate, DER. @param rejected with status rejection */
export const certConfirm = (certHash: Uint8Array, certReqId: number, rejected = false): Uint8Array =>
  sequence(sequenceOf([octetString(certHash), certReqIdDer(certReqId), ...(rejected ? [sequence(integer(2))] : [])]));
