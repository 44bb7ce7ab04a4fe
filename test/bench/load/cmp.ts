/** p10cr under PasswordBasedMac, as `openssl cmp -implicit_confirm` sends it, and the answers to it. */
import { createHash, randomBytes } from "node:crypto";
import { utf8 } from "#shared/kernel/bytes";
import { iteratedHash } from "#shared/crypto/password-mac";
import { bodyDer, messageDer, parseMessage, protectedPart } from "#shared/pki/cmp/message";
import { parseCertRep } from "#shared/pki/cmp/cert-response";
import { directoryName, headerDer } from "#shared/pki/cmp/header";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import { type MacKey, macOf, verifyMac } from "#shared/pki/cmp/mac";
import { type MacAlgorithm, macAlgorithmDer } from "#shared/pki/cmp/mac-algorithm";
import { null_ } from "#shared/pki/der/writer";
import { nameDer } from "#shared/pki/name";
import { pemDecode } from "#shared/pki/pem";
import { csrFor } from "../csr.ts";
import type { Answer } from "./connection.ts";

const nullName = directoryName(nameDer([]));
const implicitConfirm = [infoTypeDer("implicitConfirm", null_())];

interface Request {
  readonly der: Uint8Array;
  readonly key: MacKey;
  readonly name: string;
}

/** OpenSSL 3.0's own parameters. */
function macKey(secret: Uint8Array): MacKey {
  const algorithm = {
    type: "PasswordBasedMac",
    salt: new Uint8Array(randomBytes(16)),
    iterations: 500,
    owf: "sha256",
    mac: "sha1",
  } as const satisfies MacAlgorithm;
  return { algorithm, key: iteratedHash(algorithm.owf, secret, algorithm.salt, algorithm.iterations) };
}

function p10cr(name: string, reference: string, secret: Uint8Array): Request {
  const key = macKey(secret);
  const header = headerDer({
    pvno: 2,
    sender: nullName,
    recipient: nullName,
    messageTimeMs: Date.now(),
    protectionAlg: macAlgorithmDer(key.algorithm),
    senderKid: utf8(reference),
    transactionId: new Uint8Array(randomBytes(16)),
    senderNonce: new Uint8Array(randomBytes(16)),
    generalInfo: implicitConfirm,
  });
  const [csr = new Uint8Array()] = pemDecode(csrFor(name), "CERTIFICATE REQUEST");
  const body = bodyDer("p10cr", csr);
  return { der: messageDer({ header, body, protection: macOf(key, protectedPart(header, body)) }), key, name };
}

/** What is wrong with an answer: it must be a certificate for the name, under the MAC of the request. */
function wrong({ key, name }: Request, { status, body }: Answer): string | undefined {
  if (status !== 200) return "no answer of CMP";
  const { type, protection, protectedPart: part, content } = parseMessage(new Uint8Array(body));
  if (type !== "cp" || protection === undefined) return `a message ${type}`;
  if (!verifyMac(key, part, protection)) return "the MAC is wrong";
  const certificate = parseCertRep(content.raw).responses[0]?.certificate;
  if (certificate === undefined) return "no certificate in the answer";
  return Buffer.from(certificate).includes(name) ? undefined : "the certificate of another request";
}

/** New key, name, salt, nonce and transaction each, so that nothing can come from a cache. */
export function cmpRequests(reference: string, secret: string, count: number) {
  const run = createHash("sha256").update(randomBytes(16)).digest("hex").slice(0, 8);
  const requests = Array.from({ length: count }, (_, at) =>
    p10cr(`cmp-${at}.${run}.example.test`, reference, utf8(secret)),
  );
  return {
    bodies: requests.map(({ der }) => der),
    wrong: (answer: Answer, at: number) => wrong(requests[at] as Request, answer),
  };
}
