/** SCEP over HTTP, against a real log, store and signer: what is served (behaviour §24, RFC 8894). */
import { ContentInfo, SignedData } from "pkijs";
import { beforeAll, describe, expect, it } from "vitest";
import { allIssuers } from "#shared/usecases/all-issuers";
import { systemCall } from "#shared/usecases/deps";
import { rotateRaCertificate } from "#shared/usecases/rotate-ra-certificate";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { parseCertificate } from "#shared/pki/certificate";
import { parseCertificateList } from "#shared/pki/crl";
import { integer, sequence } from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { messageTypes } from "#shared/pki/scep/message-types";
import { adminCall } from "#test/in-process/house";
import { selfSigned } from "#test/scep/message";
import { openEnvelope } from "#test/scep/read-cert-rep";
import { certificationRequest } from "#test/scep/request";
import { certificateIn, deviceName, enrolment, openScene, rsaKey, type Scene, tenant } from "#test/scep/scene";
import { newEcSigner } from "#test/scep/rsa";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
  return () => scene[Symbol.asyncDispose]();
});

const text = async (response: Response): Promise<string> => response.text();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

async function issuerOf({ house }: Scene, ca: Uint8Array): Promise<string> {
  for await (const { id, state } of allIssuers(house.deps, tenant))
    if (Buffer.from(state.certificate, "base64").equals(ca)) return id;
  throw new Error("no such issuer");
}

async function enrolled(label: string) {
  const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
  const der = certificateIn(await scene.send(label, enrolment({ ra, challenge: await scene.challenge(label) })));
  return { ra, der };
}

describe("GetCACaps and GetCACert", () => {
  it("list what is so, and nothing else", async () => {
    const capabilities = async (over: Parameters<Scene["open"]>[0]): Promise<string[]> => {
      const label = await scene.open(over);
      return (await text(await scene.http("GET", `/scep/${label}?operation=GetCACaps`))).trim().split("\n");
    };
    const plain = ["AES", "POSTPKIOperation", "Renewal", "SHA-256", "SHA-384", "SHA-512", "SCEPStandard"];
    expect(await capabilities({})).toEqual(plain);
    expect(await capabilities({ auth: ["secret"] })).toEqual(plain.filter((keyword) => keyword !== "Renewal"));
    expect((await capabilities({ legacy_algorithms: true })).toSorted()).toEqual(
      [...plain, "DES3", "SHA-1"].toSorted(),
    );
  });

  it("bring the RA certificate first, then the CA and its chain", async () => {
    const label = await scene.open();
    const [ra, ca, root, ...others] = (await scene.caCertificates(label)).map((der) => parseCertificate(der));
    expect(others).toEqual([]);
    expect(ra?.basicConstraints?.ca ?? false).toBe(false);
    expect([ca?.basicConstraints?.ca, root?.basicConstraints?.ca]).toEqual([true, true]);
    expect(ra?.issuerDer).toEqual(ca?.subjectDer);
    expect(ca?.issuerDer).toEqual(root?.subjectDer);
    const message = "&message=whatever%20the%20client%20calls%20it";
    const response = await scene.http("GET", `/scep/${label}/pkiclient.exe?operation=GetCACert${message}`);
    expect(response.headers.get("content-type")).toBe("application/x-x509-ca-ra-cert");
  });

  it("answer without a label only for the default endpoint", async () => {
    expect((await scene.http("GET", "/scep?operation=GetCACaps")).status).toBe(404);
    const label = await scene.open({ default: true });
    for (const path of ["/scep", "/scep/", "/scep/pkiclient.exe", `/scep/${label}/`, `/scep/${label}/pkiclient.exe`])
      expect((await scene.http("GET", `${path}?operation=GetCACaps`)).status, path).toBe(200);
  });
});

describe("PKCSReq", () => {
  it("with a challenge brings one certificate, to the key that asked, recorded with protocol and endpoint", async () => {
    const label = await scene.open();
    const { der } = await enrolled(label);
    const { serialHex, subject, sans, key } = parseCertificate(der);
    expect(subject).toEqual(deviceName);
    expect(sans).toEqual([{ type: "dns", value: "device.example.com" }]);
    expect(key.spki).toEqual(rsaKey().spki);
    expect(await scene.issued(label)).toMatchObject([
      {
        event: { data: { serial: serialHex, protocol: "scep", endpoint: label, credential: {} } },
        actor: { subject: expect.stringMatching(/^scep:credential\/[a-z2-7]{16}$/) },
      },
    ]);
  });

  it("comes by GET as well, as clients without POST send it: with + and line breaks as they are", async () => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const message = enrolment({ ra, challenge: await scene.challenge(label) });
    const lines = (base64(message).match(/.{1,64}/g) ?? []).join("%0A");
    const response = await scene.http("GET", `/scep/${label}?operation=PKIOperation&message=${lines}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-pki-message");
  });

  it.each(["aes128-CBC", "aes192-CBC", "aes256-CBC"] as const)(
    "encrypted with %s is answered with it",
    async (cipher) => {
      const label = await scene.open();
      const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
      const rep = await scene.send(label, enrolment({ ra, cipher, challenge: await scene.challenge(label) }));
      expect(rep.envelope && openEnvelope(rep.envelope, rsaKey()).cipher).toBe(cipher);
    },
  );

  it.each(["sha256", "sha384", "sha512"] as const)("signed with %s is served", async (digest) => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    certificateIn(await scene.send(label, enrolment({ ra, digest, challenge: await scene.challenge(label) })));
  });

  it("brings nonce and transaction back (RFC 8894 3.2.1)", async () => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const senderNonce = new Uint8Array(16).fill(0xe7);
    const spec = { ra, senderNonce, transactionId: "it's A/b=c+1?" };
    const rep = await scene.send(label, enrolment({ ...spec, challenge: await scene.challenge(label) }));
    expect(rep).toMatchObject({ messageType: "3", transactionId: "it's A/b=c+1?", recipientNonce: senderNonce });
  });

  it("that comes many times at once is one certificate", async () => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const message = enrolment({ ra, challenge: await scene.challenge(label) });
    const all = await Promise.all(Array.from({ length: 6 }, () => scene.send(label, message)));
    expect(new Set(all.map((rep) => Buffer.from(certificateIn(rep)).toString("hex"))).size).toBe(1);
    expect(await scene.issued(label)).toHaveLength(1);
  });

  it("that comes again is answered with the same certificate; what is new under the same identifier is new", async () => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const transactionId = "MADE-FROM-THE-KEY";
    const message = enrolment({ ra, transactionId, challenge: await scene.challenge(label) });
    const first = certificateIn(await scene.send(label, message));
    expect(certificateIn(await scene.send(label, message))).toEqual(first);
    const next = enrolment({ ra, transactionId, challenge: await scene.challenge(label) });
    expect(certificateIn(await scene.send(label, next))).not.toEqual(first);
  });

  it("signed by a certificate of ours is the renewal of clients from before RFC 8894, with the same key or another", async () => {
    const label = await scene.open();
    const { ra, der } = await enrolled(label);
    certificateIn(await scene.send(label, enrolment({ ra, certificate: der })));
    const other = certificationRequest({ signer: rsaKey(1), subject: deviceName, names: ["device.example.com"] });
    const renewed = certificateIn(await scene.send(label, enrolment({ ra, certificate: der, content: other })));
    expect(parseCertificate(renewed).key.spki).toEqual(rsaKey(1).spki);
  });

  it("signed by another one's certificate, of the key of the request, needs a challenge all the same", async () => {
    const label = await scene.open();
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const vendor = selfSigned(rsaKey(), commonName("vendor"));
    const rep = await scene.send(label, enrolment({ ra, certificate: vendor }));
    expect(rep).toMatchObject({ status: "FAILURE", failInfo: "badRequest" });
    const challenge = await scene.challenge(label);
    certificateIn(await scene.send(label, enrolment({ ra, certificate: vendor, challenge })));
  });
});

describe("RenewalReq", () => {
  const renewal = { messageType: messageTypes.RenewalReq, names: ["device.example.com"] };

  it("signed by the old certificate brings a new one, to a new key of any kind, and says which it replaces", async () => {
    const label = await scene.open();
    const { ra, der } = await enrolled(label);
    const signer = newEcSigner();
    const content = certificationRequest({ signer, subject: deviceName, names: ["device.example.com"] });
    const renewed = certificateIn(await scene.send(label, enrolment({ ra, ...renewal, certificate: der, content })));
    expect(parseCertificate(renewed).key.spki).toEqual(signer.spki);
    const [first, second] = await scene.issued(label);
    const id = first?.stream.id;
    expect(second).toMatchObject({
      event: { data: { replaces: id } },
      actor: { subject: `scep:certificate/${id}` },
    });
  });
});

describe("the RA certificate", () => {
  it("is replaced, and what was encrypted to the one before is opened and answered by that one until it ends", async () => {
    await using later = await openScene();
    const { deps } = later.house;
    const label = await later.open();
    const [before = new Uint8Array(0), ca = before] = await later.caCertificates(label);
    const issuer = await issuerOf(later, ca);
    later.house.advance(21 * 86_400_000); // a third of its 30 days are left
    await rotateRaCertificate(deps, systemCall(tenant, "test", "rotate"), issuer);
    const [after = before] = await later.caCertificates(label);
    expect(after).not.toEqual(before);
    for (const ra of [before, after]) {
      const message = enrolment({ ra, challenge: await later.challenge(label) });
      certificateIn(await later.send(label, message, ra));
    }
  });
});

describe("CertPoll", () => {
  const names = sequence(nameDer(commonName("CA")), nameDer(deviceName));

  async function pending(transactionId: string) {
    const label = await scene.open({ approval: "manual" });
    const [ra = new Uint8Array(0)] = await scene.caCertificates(label);
    const message = enrolment({ ra, transactionId, challenge: await scene.challenge(label) });
    const rep = await scene.send(label, message);
    expect(rep).toMatchObject({ status: "PENDING", envelope: new Uint8Array(0) });
    const poll = (over = {}) =>
      scene.send(label, enrolment({ ra, transactionId, messageType: messageTypes.CertPoll, content: names, ...over }));
    const events = await scene.house.deps.log.read(tenant, 0, 0, 10_000);
    const request = events.findLast(({ event }) => event.type === "enrolment-request.created")?.stream.id ?? "";
    return { label, message, poll, request };
  }

  it("is pending until a person approves, then brings the certificate, as the request itself does", async () => {
    const { label, poll, message, request } = await pending("T1");
    expect((await poll()).status).toBe("PENDING");
    expect((await scene.send(label, message)).status).toBe("PENDING");
    await approveRequest(scene.house.deps, adminCall(tenant), request);
    const der = certificateIn(await poll());
    expect(certificateIn(await poll())).toEqual(der);
    expect(certificateIn(await scene.send(label, message))).toEqual(der);
  });

  it("asks for a renewal too, by the key of the old certificate or by the new one", async () => {
    const label = await scene.open();
    const { der } = await enrolled(label);
    const slow = await scene.open({ approval: "manual" });
    const [ra = new Uint8Array(0)] = await scene.caCertificates(slow);
    const key = rsaKey(1);
    const content = certificationRequest({ signer: key, subject: deviceName, names: ["device.example.com"] });
    const { RenewalReq, CertPoll } = messageTypes;
    const transactionId = "RENEWAL";
    const asked = { ra, transactionId, certificate: der };
    const first = await scene.send(slow, enrolment({ ...asked, messageType: RenewalReq, content }));
    expect(first.status).toBe("PENDING");
    const events = await scene.house.deps.log.read(tenant, 0, 0, 10_000);
    const request = events.findLast(({ event }) => event.type === "enrolment-request.created")?.stream.id ?? "";
    await approveRequest(scene.house.deps, adminCall(tenant), request);
    const poll = { ra, transactionId, messageType: CertPoll, content: names };
    const renewed = certificateIn(await scene.send(slow, enrolment({ ...poll, certificate: der })));
    expect(parseCertificate(renewed).key.spki).toEqual(key.spki);
    expect(certificateIn(await scene.send(slow, enrolment({ ...poll, key })), key)).toEqual(renewed);
  });

  it("is refused once a person refused", async () => {
    const { poll, request } = await pending("T1");
    await refuseRequest(scene.house.deps, adminCall(tenant), request, "not ours");
    expect(await poll()).toMatchObject({ status: "FAILURE", failInfo: "badRequest" });
  });

  it("by another key, or for what nobody asked, brings nothing", async () => {
    const { poll, request } = await pending("T1");
    await approveRequest(scene.house.deps, adminCall(tenant), request);
    const key = rsaKey(1);
    const stolen = await poll({ signer: key, certificate: selfSigned(key, deviceName) });
    expect(stolen).toMatchObject({ status: "FAILURE", failInfo: "badRequest" });
    expect(await poll({ transactionId: "T2" })).toMatchObject({ status: "FAILURE", failInfo: "badCertId" });
  });
});

describe("GetCert and GetCRL", () => {
  const naming = (der: Uint8Array): Uint8Array => {
    const { issuerDer, serialHex } = parseCertificate(der);
    return sequence(issuerDer, integer(Buffer.from(serialHex, "hex")));
  };
  const { GetCert, GetCRL } = messageTypes;

  it("bring a certificate to whoever has its key, or one in force", async () => {
    const label = await scene.open();
    const { ra, der } = await enrolled(label);
    const asked = { ra, messageType: GetCert, content: naming(der) };
    expect(certificateIn(await scene.send(label, enrolment(asked)))).toEqual(der);
    const key = rsaKey(1);
    const challenge = await scene.challenge(label);
    const other = certificateIn(await scene.send(label, enrolment({ ra, key, challenge })), key);
    const byOther = enrolment({ ...asked, key, certificate: other });
    expect(certificateIn(await scene.send(label, byOther), key)).toEqual(der);
    const byNobody = enrolment({ ...asked, key, certificate: selfSigned(key, deviceName) });
    expect(await scene.send(label, byNobody)).toMatchObject({ status: "FAILURE", failInfo: "badCertId" });
    const unknown = sequence(parseCertificate(der).issuerDer, integer(77));
    const noSuch = await scene.send(label, enrolment({ ra, messageType: GetCert, content: unknown }));
    expect(noSuch).toMatchObject({ status: "FAILURE", failInfo: "badCertId" });
  });

  it("bring the CRL that would list a certificate", async () => {
    const label = await scene.open();
    const { ra, der } = await enrolled(label);
    await scene.house.settle(tenant);
    const rep = await scene.send(label, enrolment({ ra, messageType: GetCRL, content: naming(der) }));
    if (rep.envelope === undefined) throw new Error(rep.text);
    const { content } = openEnvelope(rep.envelope, rsaKey());
    const bag = new SignedData({ schema: ContentInfo.fromBER(content as Uint8Array<ArrayBuffer>).content });
    expect(bag.certificates).toBeUndefined();
    expect(bag.crls).toHaveLength(1);
    const crl = parseCertificateList(new Uint8Array(bag.crls?.[0]?.toSchema().toBER() ?? []));
    expect(crl.issuerDer).toEqual(parseCertificate(der).issuerDer);
    expect(crl.idpUrl).toBe(parseCertificate(der).crlUrls[0]);
    const unknown = sequence(parseCertificate(der).issuerDer, integer(77));
    const noSuch = await scene.send(label, enrolment({ ra, messageType: GetCRL, content: unknown }));
    expect(noSuch).toMatchObject({ status: "FAILURE", failInfo: "badCertId" });
  });
});
