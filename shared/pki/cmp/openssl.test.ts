/** Differential: what `openssl cmp` wrote is read, its protection verifies, and nothing is read from a changed message. */
import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { hex, utf8Text } from "#shared/kernel/bytes";
import { parseSpki } from "#shared/pki/key";
import { nameText } from "#shared/pki/name";
import { parseSignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { opensslMessage, opensslMessages, opensslSecret, opensslSigner } from "#test/cmp/openssl-messages";
import { bodyTypes } from "./body-type.ts";
import { parseCertRep } from "./cert-response.ts";
import { type CertReqMsg, parseCertReqMessages, provesPossession } from "./cert-request.ts";
import { parseCertConfirm } from "./confirmation.ts";
import { parseInfoTypes } from "./info-type.ts";
import { deriveMacKey, verifyMac } from "./mac.ts";
import { macAlgorithmDer, parseMacAlgorithm } from "./mac-algorithm.ts";
import { messageDer, parseMessage, type PkiMessage } from "./message.ts";
import { parsePollReq } from "./polling.ts";
import { parseRevReq } from "./revocation.ts";
import { parseErrorContent } from "./status.ts";

const read = (name: string): PkiMessage => parseMessage(opensslMessage(name));

const proves = (request: CertReqMsg): Promise<boolean> =>
  provesPossession(request, parseSpki(request.template.spki as never));

async function protectionHolds(message: PkiMessage): Promise<boolean> {
  const { header, protectedPart, protection } = message;
  if (header.protectionAlg === undefined || protection === undefined) return false;
  const mac = parseMacAlgorithm(header.protectionAlg);
  if (mac !== undefined) return verifyMac(await deriveMacKey(mac, opensslSecret), protectedPart, protection);
  const spki = new X509Certificate(opensslSigner).publicKey.export({ type: "spki", format: "der" });
  const algorithm = parseSignatureAlgorithm(header.protectionAlg);
  return verifySignature({ algorithm, spki: new Uint8Array(spki), data: protectedPart, signature: protection });
}

describe("messages of openssl cmp", () => {
  it.each(opensslMessages)("%s: read, and written again as it was", (name) => {
    const message = read(name);
    expect(name.startsWith(message.type)).toBe(true);
    const again = messageDer({
      header: message.header.der,
      body: message.protectedPart.subarray(message.protectedPart.length - bodyLength(message)),
      protection: message.protection,
      extraCerts: message.extraCerts,
    });
    expect(hex(again)).toBe(hex(message.der));
  });

  it.each(opensslMessages.filter((name) => name !== "rp"))(
    "%s: the protection verifies; of another, not",
    async (name) => {
      const message = read(name);
      expect(await protectionHolds(message)).toBe(true);
      const other = message.protectedPart.slice();
      other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1;
      expect(await protectionHolds({ ...message, protectedPart: other })).toBe(false);
    },
  );

  it("ir: template, names and possession", async () => {
    const { content, header } = read("ir");
    const [request] = parseCertReqMessages(content);
    expect(request && nameText(request.template.subject?.name ?? [])).toBe("CN=ee.example.test");
    expect([...(request?.template.extensions?.keys() ?? [])]).toContain("2.5.29.17");
    expect(request?.certReqId).toBe(0);
    expect(request && (await proves(request))).toBe(true);
    expect(utf8Text(header.senderKid ?? new Uint8Array())).toBe("ref");
    const spoilt = request && { ...request, certRequest: request.certRequest.slice(0, -1) };
    expect(spoilt && (await proves(spoilt))).toBe(false);
  });

  it("kur: the certificate that is replaced", async () => {
    const [request] = parseCertReqMessages(read("kur").content);
    expect([...(request?.controls.keys() ?? [])]).toEqual(["oldCertID"]);
    expect(request && (await proves(request))).toBe(true);
  });

  it("the others: what is in them", () => {
    const [details] = parseRevReq(read("rr").content);
    expect(details).toMatchObject({ reason: "keyCompromise", otherExtensions: [] });
    expect(details?.template.serialHex).toBe("08a302f4b2198598c163d3399151e093b73a1b50");
    expect(parseCertConfirm(read("certConf").content)).toMatchObject([{ certReqId: 0 }]);
    expect(parsePollReq(read("pollReq").content)).toEqual([0]);
    expect(parseInfoTypes(read("genm").content, "genm")).toEqual([{ type: "signKeyPairTypes" }]);
    expect(parseErrorContent(read("error").content)).toMatchObject({ status: "rejection", failInfo: ["badRequest"] });
    expect(parseCertRep(read("ip").content.raw).responses).toMatchObject([
      { certReqId: 0, info: { status: "accepted" } },
    ]);
    expect(parseCertRep(read("ip-waiting").content.raw).responses).toMatchObject([{ info: { status: "waiting" } }]);
    expect(read("p10cr").header.generalInfo.map(({ type }) => type)).toEqual(["implicitConfirm"]);
  });

  it("algorithms of MACs are written as they are read", () => {
    for (const name of ["ir", "p10cr"]) {
      const algorithm = parseMacAlgorithm(read(name).header.protectionAlg as never);
      expect(algorithm).toMatchObject({ type: "PasswordBasedMac", iterations: 500, owf: "sha256" });
      if (algorithm !== undefined) expect(macAlgorithmDer(algorithm).length).toBeGreaterThan(40);
    }
  });
});

/** The body is the last member of the ProtectedPart. */
const bodyLength = ({ protectedPart, header }: PkiMessage): number =>
  protectedPart.length - (protectedPart.indexOf(0x30, 1) + header.der.length);

it("PKIBody has the 27 alternatives of RFC 9810 5.1.2", () => {
  expect(Object.values(bodyTypes)).toEqual(Array.from({ length: 27 }, (_, i) => i));
});
