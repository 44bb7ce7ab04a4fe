/** CMS as far as SCEP goes, and SCEP's own parts. */
import { isFailure } from "#shared/kernel/failure";
import { identifies, issuerAndSerial } from "#shared/pki/cms/identifier";
import { parseEnvelopedData } from "#shared/pki/cms/enveloped-data";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { signerAlgorithm, verifySigner } from "#shared/pki/cms/verify-signer";
import { parsePkiMessage } from "#shared/pki/scep/pki-message";
import { parseIssuerAndSerial, parseIssuerAndSubject } from "#shared/pki/scep/message-data";
import { asn1jsReads } from "../reference.ts";
import { spkis } from "../seeds/keys.ts";
import {
  envelopeSeeds,
  messageDataSeeds,
  messageSeeds,
  signedDataSeeds,
  signerCertificateSeeds,
} from "../seeds/scep.ts";
import { holds, same, type Target } from "../target.ts";

export const signerCertificate: Target = {
  run(input) {
    const parsed = readSignerCertificate(input);
    same(parsed.der, input, "der");
    holds(identifies(parsed, parsed), "it is not identified by itself");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: signerCertificateSeeds,
};

export const signedData: Target = {
  async run(input) {
    const parsed = parseSignedData(input);
    asn1jsReads(input);
    for (const signer of parsed.signers) {
      const algorithm = signerAlgorithm(signer);
      const key = { algorithm: "RSA", bits: 2048, spki: spkis.rsa, keyBits: spkis.rsa } as const;
      if (algorithm !== undefined)
        holds(!(await verifySigner(parsed, signer, key, algorithm)), "a signature that nobody made");
    }
  },
  refusals: ["malformed"],
  format: "der",
  seeds: signedDataSeeds,
};

export const envelopedData: Target = {
  run(input) {
    const { ciphertext } = parseEnvelopedData(input);
    asn1jsReads(input);
    holds(Buffer.from(input).includes(Buffer.from(ciphertext)), "the ciphertext is not that of the message");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: envelopeSeeds,
};

export const message: Target = {
  run(input) {
    const { certificate, signer, transactionId } = parsePkiMessage(input);
    holds(identifies(signer.signer, certificate), "another one's certificate");
    holds(transactionId.length > 0 && transactionId.length < 256, "transactionID");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: messageSeeds,
};

export const messageData: Target = {
  run(input) {
    let read = 0;
    try {
      same(issuerAndSerial(parseIssuerAndSerial(input)), input, "issuer and serial number");
      read++;
    } catch (error) {
      if (!isFailure(error, "malformed")) throw error;
    }
    parseIssuerAndSubject(input); // its names are those of the target `name`
    holds(read === 0, "both a serial number and a subject");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: messageDataSeeds,
};
