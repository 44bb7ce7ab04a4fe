/** An RA key with its certificate below the CA for example.test, and answers as it gives them. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import { sha256 } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { assembleSigned, buildTbsCertificate, type TbsSpec } from "#shared/pki/certificate";
import { explicit, null_ } from "#shared/pki/der/writer";
import {
  authorityKeyIdentifier,
  extKeyUsage,
  keyUsage,
  noRevAvail,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { nameDer } from "#shared/pki/name";
import { raName } from "#shared/pki/ra-name";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import { type CertRepAttributes, certRepAttributes } from "#shared/pki/scep/cert-rep-attributes";
import type { PublicKey } from "#shared/ports/signer";
import { cmpHeader, type HeaderParts, protectedPart } from "#test/vectors/cmp-response";
import { type Chain, type ChainPlace, day, names, request, spec } from "./workshop.ts";

/** Of the RA of this CA. */
export const raNameDer = ({ ca }: Pick<Chain, "ca">, generation = 1): Uint8Array =>
  nameDer(raName(issuerIdOf(ca.spki), generation));

export const raSpec = (handle = "ra") =>
  spec({ handle, algorithm: "RSA-2048", purpose: "ra", limits: { issuerHandle: "ca" } });

export interface Ra {
  readonly key: PublicKey;
  raTbs(over?: Partial<TbsSpec>): Uint8Array;
  /** Of the certificate that it has; the signature is filler. */
  readonly certificate: Uint8Array;
  certRep(over?: Partial<CertRepAttributes>): Uint8Array;
  cmp(body?: Uint8Array, header?: HeaderParts): Uint8Array;
  encrypted(contentKey: Uint8Array): Uint8Array;
}

export const raExtensions = (issuer: Uint8Array, subject: Uint8Array) => [
  authorityKeyIdentifier(keyIdentifier(issuer)),
  subjectKeyIdentifier(keyIdentifier(subject)),
  keyUsage(["digitalSignature", "keyEncipherment"]),
  extKeyUsage(["cmcRA"]),
  noRevAvail(),
];

/** Made and certified. */
export async function makeRa({ service, clock }: ChainPlace, chain: Chain, handle = "ra"): Promise<Ra> {
  const key = await service.generateKey(raSpec(handle));
  const raTbs = (over: Partial<TbsSpec> = {}): Uint8Array =>
    buildTbsCertificate({
      serial: Uint8Array.of(0x55, ...randomBytes(15)),
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: names.ca,
      subjectNameDer: raNameDer(chain),
      notBeforeMs: clock.now() - 60_000,
      notAfterMs: clock.now() - 60_000 + 30 * day,
      spki: key.spki,
      extensions: raExtensions(chain.ca.spki, key.spki),
      ...over,
    });
  const tbs = raTbs();
  const { signature } = await service.sign(request("certificate", "ca", tbs));
  return {
    key,
    raTbs,
    certificate: assembleSigned(tbs, "ecdsa-with-SHA256", signature),
    certRep: (over = {}) =>
      certRepAttributes({
        messageDigest: sha256(Uint8Array.of(1)),
        transactionId: "2B:7F",
        status: "success",
        senderNonce: new Uint8Array(16).fill(1),
        recipientNonce: new Uint8Array(16).fill(2),
        ...over,
      }),
    cmp: (body = explicit(19, null_()), header = {}) =>
      protectedPart(cmpHeader(raNameDer(chain), clock.now(), header), body),
    encrypted: (contentKey) =>
      publicEncrypt(
        {
          key: createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" }),
          padding: constants.RSA_PKCS1_PADDING,
        },
        contentKey,
      ),
  };
}
