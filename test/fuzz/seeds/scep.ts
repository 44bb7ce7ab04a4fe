/** SCEP messages and their parts; signatures and keys are filler, the same in every run. */
import { certsOnly } from "#shared/pki/cms/certs-only";
import { contentInfo } from "#shared/pki/cms/content-info";
import { issuerAndSerial } from "#shared/pki/cms/identifier";
import { cipherAlgorithm, contentTypes, rsaKeyTransport } from "#shared/pki/cms/algorithms";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { implicit, integer, octetString, oid, sequence, set } from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { pkiMessage, type ScepSigner, selfSigned } from "#test/scep/message";
import { spkis } from "./keys.ts";
import { seedNames, seedNow, signedFiller, tbsSeeds } from "./x509.ts";

const filler = new Uint8Array(256).fill(0x33);
const rsa: ScepSigner = { spki: spkis.rsa, sign: () => filler, kind: "RSA" };
const ec: ScepSigner = { spki: spkis.leaf, sign: () => filler.subarray(0, 70), kind: "EC" };
const subject = commonName("device 7", "Acme");

export const signerCertificateSeeds = (): Uint8Array[] => [
  selfSigned(rsa, subject),
  selfSigned(ec, subject),
  ...Object.values(tbsSeeds()).map(signedFiller),
];

export const envelopeSeeds = (): Uint8Array[] => {
  const { issuerDer, serialDer } = readSignerCertificate(selfSigned(rsa, subject));
  const ciphers = [
    { cipher: "aes128-CBC", iv: filler.subarray(0, 16) },
    { cipher: "des-EDE3-CBC", iv: filler.subarray(0, 8) },
  ] as const;
  return ciphers.map((cipher) => {
    const recipient = sequence(
      integer(0),
      issuerAndSerial({ issuerDer, serialDer }),
      rsaKeyTransport,
      octetString(filler),
    );
    const content = sequence(oid(contentTypes.data), cipherAlgorithm(cipher), implicit(0, filler.subarray(0, 64)));
    return contentInfo("envelopedData", sequence(integer(0), set(recipient), content));
  });
};

export const messageSeeds = (): Uint8Array[] => {
  const [envelope = filler] = envelopeSeeds();
  const certificate = selfSigned(rsa, subject);
  const spec = { signer: rsa, certificate, recipient: certificate, content: filler, envelope, transactionId: "A1b2" };
  return [
    pkiMessage({ ...spec, messageType: 19, signingTimeMs: seedNow }),
    pkiMessage({ ...spec, messageType: 20, digest: "sha512" }),
    pkiMessage({ ...spec, messageType: 17, signer: ec, certificate: selfSigned(ec, subject) }),
    pkiMessage({ ...spec, messageType: 3, envelope: null }),
  ];
};

export const signedDataSeeds = (): Uint8Array[] => [...messageSeeds(), certsOnly(signerCertificateSeeds())];

export const messageDataSeeds = (): Uint8Array[] => [
  sequence(seedNames.ca, nameDer(subject)),
  sequence(seedNames.ca, integer(Uint8Array.from({ length: 16 }, (_, i) => 0x51 + i))),
];
