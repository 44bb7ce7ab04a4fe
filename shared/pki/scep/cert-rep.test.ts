import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { commonName } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";
import { run } from "#test/run";
import { selfSigned } from "#test/scep/message";
import { openEnvelope, readCertRep } from "#test/scep/read-cert-rep";
import { newRsaSigner } from "#test/scep/rsa";
import { buildEnvelopedData } from "../cms/enveloped-data.ts";
import { readSignerCertificate } from "../cms/signer-certificate.ts";
import { buildCertRep, type CertRepStatus } from "./cert-rep.ts";

const ra = newRsaSigner();
const raCertificate = selfSigned(ra, commonName("RA"));
const client = newRsaSigner();
const clientCertificate = readSignerCertificate(selfSigned(client, commonName("client")));
const nonce = new Uint8Array(16).fill(9);

const certRep = (answer: CertRepStatus): Promise<Uint8Array> =>
  buildCertRep({
    transactionId: "0A:b_c",
    recipientNonce: nonce,
    senderNonce: new Uint8Array(16).fill(1),
    answer,
    signer: readSignerCertificate(raCertificate),
    certificates: [raCertificate],
    sign: async (attributes) => ra.sign("sha256", attributes),
  });

const common = { transactionId: "0A:b_c", messageType: "3", recipientNonce: nonce };

it("SUCCESS carries an envelope that the client's key opens", async () => {
  const content = new Uint8Array(100).fill(4);
  const { spki } = clientCertificate.key;
  const envelope = buildEnvelopedData({ content, cipher: "aes256-CBC", recipient: clientCertificate, spki });
  const read = await readCertRep(await certRep({ status: "success", envelope }), raCertificate);
  expect(read).toEqual({ ...common, status: "SUCCESS", failInfo: undefined, text: undefined, envelope });
  expect(openEnvelope(envelope, client)).toEqual({ cipher: "aes256-CBC", content });
});

it("PENDING and FAILURE carry none (RFC 8894 3.3.2.2, 3.3.2.3), FAILURE says why in both forms", async () => {
  const without = { ...common, envelope: new Uint8Array(0) };
  expect(await readCertRep(await certRep({ status: "pending" }), raCertificate)).toEqual({
    ...without,
    status: "PENDING",
    failInfo: undefined,
    text: undefined,
  });
  const failure = { status: "failure", failInfo: "badCertId", failInfoText: "no such certificate: \u00e9" } as const;
  expect(await readCertRep(await certRep(failure), raCertificate)).toEqual({
    ...without,
    status: "FAILURE",
    failInfo: "badCertId",
    text: "no such certificate: \u00e9",
  });
});

it("verifies with openssl cms, and not when an attribute was changed", async () => {
  const at = mkdtempSync(join(tmpdir(), "cert-rep-"));
  onTestFinished(() => rmSync(at, { recursive: true }));
  const der = await certRep({ status: "pending" });
  writeFileSync(join(at, "ra.pem"), pemEncode("CERTIFICATE", raCertificate));
  const verify = async (message: Uint8Array): Promise<number | null> => {
    writeFileSync(join(at, "rep"), message);
    const words = ["-inform", "DER", "-in", join(at, "rep"), "-purpose", "any"];
    return (await run("openssl", ["cms", "-verify", "-binary", "-CAfile", join(at, "ra.pem"), ...words])).code;
  };
  expect(await verify(der)).toBe(0);
  const changed = Buffer.from(der);
  const pending = Buffer.from("0109033103130133", "hex"); // …9.3, SET, PrintableString "3"
  changed[changed.indexOf(pending) + pending.length - 1] = 0x30;
  expect(changed.equals(der)).toBe(false);
  expect(await verify(changed)).not.toBe(0);
});
