/** What SCEP refuses, and how: as a CertRep with failInfo wherever one can be made (behaviour §24, RFC 8894 3.2.1.4, 4). */
import { beforeAll, describe, expect, it } from "vitest";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { createIssuingCa } from "#shared/usecases/create-issuer";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { buildEnvelopedData } from "#shared/pki/cms/enveloped-data";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { commonName } from "#shared/pki/name";
import { messageTypes } from "#shared/pki/scep/message-types";
import { adminCall, revocationBaseUrl } from "#test/in-process/house";
import { selfSigned } from "#test/scep/message";
import type { ReadCertRep } from "#test/scep/read-cert-rep";
import { certificationRequest } from "#test/scep/request";
import { newEcSigner, newRsaSigner } from "#test/scep/rsa";
import {
  type Asking,
  certificateIn,
  deviceName,
  enrolment,
  openScene,
  rsaKey,
  type Scene,
  tenant,
} from "#test/scep/scene";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(2, [tenant, "other"]);
  return () => scene[Symbol.asyncDispose]();
});

const raOf = async (label: string): Promise<Uint8Array> => (await scene.caCertificates(label))[0] ?? new Uint8Array(0);

/** Sends a PKCSReq that would do, but for what is said. */
async function refused(label: string, over: Partial<Asking> = {}): Promise<ReadCertRep> {
  const challenge = "challenge" in over || "content" in over ? over.challenge : await scene.challenge(label);
  const rep = await scene.send(label, enrolment({ ra: await raOf(label), ...over, challenge }));
  expect(rep).toMatchObject({ status: "FAILURE", envelope: new Uint8Array(0) });
  return rep;
}

async function enrolled(label: string, key = rsaKey()): Promise<Uint8Array> {
  const challenge = await scene.challenge(label);
  return certificateIn(await scene.send(label, enrolment({ ra: await raOf(label), key, challenge })), key);
}

describe("a messageType that parses and is not served", () => {
  // CertRep is the server's; 18 was UpdateReq in drafts; the rest nobody defined.
  it.each([0, 1, 2, 3, 4, 16, 18, 23, 255, 9999])("%i is refused", async (messageType) => {
    const label = await scene.open();
    const rep = await refused(label, { messageType });
    expect(rep.failInfo).toBe("badRequest");
    expect(rep.text).toContain(`messageType ${messageType} is not served`);
    expect(await scene.issued(label)).toEqual([]);
  });
});

describe("a PKCSReq without the right to a certificate", () => {
  it("is refused without a challenge, and with one that is wrong, used up, expired, or of another endpoint", async () => {
    const label = await scene.open();
    const right = await scene.challenge(label);
    const used = await scene.challenge(label);
    certificateIn(await scene.send(label, enrolment({ ra: await raOf(label), challenge: used })));
    const wrong = `${right.slice(0, -2)}${right.endsWith("AA") ? "BB" : "AA"}`;
    const elsewhere = await scene.challenge(await scene.open());
    const texts = new Set<string | undefined>();
    for (const challenge of [wrong, used, elsewhere, `${"a".repeat(16)}.${"A".repeat(43)}`]) {
      const rep = await refused(label, { challenge });
      expect(rep.failInfo).toBe("badRequest");
      texts.add(rep.text);
    }
    expect(texts.size).toBe(1); // nobody learns which of it was wrong
    for (const challenge of [undefined, "password", ".", right.split(".")[0]])
      expect(await refused(label, { challenge })).toMatchObject({
        failInfo: "badRequest",
        text: expect.stringContaining("challengePassword must be"),
      });
    expect(await scene.issued(label)).toHaveLength(1);
  });

  it("is refused for names that its challenge is not for", async () => {
    const label = await scene.open();
    const challenge = await scene.challenge(label, "other.example.com");
    const rep = await refused(label, { challenge });
    expect(rep.failInfo).toBe("badRequest");
    expect(rep.text).toContain("device.example.com");
  });

  it("is refused where anybody may come in: SCEP proves no names", async () => {
    const label = await scene.open({ auth: ["open"] });
    expect(await refused(label, { challenge: undefined })).toMatchObject({ failInfo: "badRequest" });
    expect(await scene.issued(label)).toEqual([]);
  });

  it("is refused where the endpoint takes no challenge", async () => {
    const label = await scene.open({ auth: ["certificate"] });
    expect(await refused(label, { challenge: "a.b" })).toMatchObject({
      failInfo: "badRequest",
      text: expect.stringContaining("takes no challengePassword"),
    });
  });

  it("is refused by the profile as the API is: a key that is too small", async () => {
    const label = await scene.open();
    const rep = await refused(label, { key: newRsaSigner(1024) });
    expect(rep).toMatchObject({ failInfo: "badRequest", text: expect.stringMatching(/2048|RSA/) });
  });

  it("is refused under the transaction of another key, which goes on undisturbed", async () => {
    const label = await scene.open();
    const transactionId = "SHARED";
    const message = enrolment({ ra: await raOf(label), transactionId, challenge: await scene.challenge(label) });
    const first = certificateIn(await scene.send(label, message));
    const rep = await refused(label, { transactionId, key: rsaKey(1) });
    expect(rep).toMatchObject({ failInfo: "badRequest", text: expect.stringContaining("another key") });
    expect(certificateIn(await scene.send(label, message))).toEqual(first);
  });

  it("cannot take a transactionID without a right to a certificate", async () => {
    const label = await scene.open();
    await refused(label, { transactionId: "SQUAT", key: rsaKey(1), challenge: "a.b" });
    const challenge = await scene.challenge(label);
    certificateIn(await scene.send(label, enrolment({ ra: await raOf(label), transactionId: "SQUAT", challenge })));
  });
});

const anotherCa = (): Promise<string> =>
  createIssuingCa(scene.house.deps, adminCall(tenant), {
    name: "second",
    keyAlgorithm: "P-256",
    validitySeconds: 86_400 * 365,
    permittedDns: [],
    revocationBaseUrl,
  });

describe("a RenewalReq", () => {
  const renewal = { messageType: messageTypes.RenewalReq };
  const denied = { failInfo: "badRequest" };

  it("is refused for other names or another subject than the certificate that signs", async () => {
    const label = await scene.open();
    const certificate = await enrolled(label);
    const same = "a renewal has the subject and names";
    for (const content of [
      certificationRequest({ signer: rsaKey(), subject: deviceName, names: ["www.example.com"] }),
      certificationRequest({ signer: rsaKey(), subject: commonName("www"), names: ["device.example.com"] }),
    ])
      expect(await refused(label, { ...renewal, certificate, content })).toMatchObject({
        ...denied,
        text: expect.stringContaining(same),
      });
  });

  it("is refused by a self-signed certificate, a revoked one, and where the endpoint takes none", async () => {
    const label = await scene.open();
    expect(await refused(label, renewal)).toMatchObject(denied);
    const certificate = await enrolled(label);
    const noRenewal = await scene.open({ auth: ["secret"] });
    expect(await refused(noRenewal, { ...renewal, certificate, challenge: undefined })).toMatchObject(denied);
    const [logged] = await scene.issued(label);
    await revokeCertificate(scene.house.deps, adminCall(tenant), logged?.stream.id ?? "", "keyCompromise");
    expect(await refused(label, { ...renewal, certificate })).toMatchObject(denied);
    // Nor as the older form of a renewal.
    expect(await refused(label, { certificate, challenge: undefined })).toMatchObject(denied);
  });

  it("is refused for a certificate of another CA of the tenant than the endpoint's", async () => {
    const label = await scene.open();
    const certificate = await enrolled(label);
    const second = await scene.open({ issuer: await anotherCa() });
    expect(await refused(second, { ...renewal, certificate })).toMatchObject({
      ...denied,
      text: expect.stringContaining("another CA"),
    });
  });

  it("is refused for a certificate of another tenant (I1)", async () => {
    const elsewhere = await scene.open({}, "other");
    const certificate = await enrolled(elsewhere);
    const label = await scene.open();
    expect(await refused(label, { ...renewal, certificate })).toMatchObject(denied);
    expect(await refused(label, { certificate, challenge: undefined })).toMatchObject(denied);
    const foreignChallenge = await scene.challenge(elsewhere);
    expect(await refused(label, { challenge: foreignChallenge })).toMatchObject(denied);
    // Encrypted to the other tenant's RA, it is not for us.
    const misdirected = { ra: await raOf(elsewhere), challenge: await scene.challenge(label) };
    expect((await refused(label, misdirected)).failInfo).toBe("badMessageCheck");
  });

  it("is refused for a certificate that has expired", async () => {
    await using later = await openScene();
    const label = await later.open();
    const [ra = new Uint8Array(0)] = await later.caCertificates(label);
    const challenge = await later.challenge(label);
    const certificate = certificateIn(await later.send(label, enrolment({ ra, challenge })));
    later.house.advance(parseCertificate(certificate).notAfterMs - later.house.deps.clock.now() + 1_000);
    const [now = ra] = await later.caCertificates(label); // a new one: the first has ended as well
    expect(now).not.toEqual(ra);
    const rep = await later.send(label, enrolment({ ra: now, ...renewal, certificate }));
    expect(rep).toMatchObject({ status: "FAILURE", ...denied });
    const toTheOld = await later.send(label, enrolment({ ra, ...renewal, certificate }));
    expect(toTheOld).toMatchObject({ status: "FAILURE", failInfo: "badMessageCheck" });
    expect(toTheOld.text).toContain("GetCACert");
  });
});

describe("algorithms", () => {
  it.each([
    [{ digest: "sha1" }, "sha1"],
    [{ digest: "md5" }, "md5"],
    [{ cipher: "des-EDE3-CBC" }, "des-EDE3-CBC"],
  ] as const)("%j is served only where an operator asked for it", async (over, name) => {
    const rep = await refused(await scene.open(), over);
    expect(rep).toMatchObject({ failInfo: "badAlg", text: expect.stringContaining(name) });
    expect(rep.text).toContain("legacy_algorithms");
    const old = await scene.open({ legacy_algorithms: true });
    const challenge = await scene.challenge(old);
    certificateIn(await scene.send(old, enrolment({ ra: await raOf(old), ...over, challenge })));
  });

  it("a cipher that is served nowhere is called by its identifier", async () => {
    const label = await scene.open({ legacy_algorithms: true });
    const ra = await raOf(label);
    const recipient = readSignerCertificate(ra);
    const spec = { content: new Uint8Array(64), cipher: "aes128-CBC", recipient, spki: recipient.key.spki } as const;
    const envelope = Buffer.from(buildEnvelopedData(spec));
    const at = envelope.indexOf(Buffer.from("0609608648016503040102", "hex")); // aes128-CBC
    envelope[at + 10] = 3; // aes128-OFB
    expect(await refused(label, { envelope })).toMatchObject({
      failInfo: "badAlg",
      text: expect.stringContaining("2.16.840.1.101.3.4.1.3"),
    });
  });

  it("a key that nothing can be encrypted to is told so: SCEP answers by key transport", async () => {
    const label = await scene.open();
    const signer = newEcSigner();
    const content = certificationRequest({ signer, subject: deviceName, names: [], challenge: "a.b" });
    const rep = await refused(label, { signer, certificate: selfSigned(signer, deviceName), content });
    expect(rep).toMatchObject({ failInfo: "badAlg", text: expect.stringContaining("P-256 key") });
  });
});

describe("no oracle", () => {
  it("whatever keeps an envelope from being opened, or from holding the signer's own request, is one answer", async () => {
    const label = await scene.open();
    const ra = await raOf(label);
    const recipient = readSignerCertificate(ra);
    const content = certificationRequest({ signer: rsaKey(), subject: deviceName, names: ["device.example.com"] });
    const seal = (inner: Uint8Array) =>
      Buffer.from(buildEnvelopedData({ content: inner, cipher: "aes128-CBC", recipient, spki: recipient.key.spki }));
    const changed = (at: (length: number) => number): Uint8Array => {
      const envelope = seal(content);
      const place = at(envelope.length);
      envelope[place] = (envelope[place] ?? 0) ^ 1;
      return envelope;
    };
    const encryptedKey = seal(content).indexOf(Buffer.from("04820100", "hex")) + 4;
    const victim = certificationRequest({ signer: rsaKey(1), subject: deviceName, names: [], challenge: "a.b" });
    const forged = certificationRequest({ signer: rsaKey(), subject: deviceName, names: [], signedBy: rsaKey(1) });
    const cases: Readonly<Record<string, Uint8Array>> = {
      "another key than was encrypted": changed(() => encryptedKey + 20),
      "wrong padding": changed((length) => length - 17),
      "changed within": changed((length) => length - 100),
      "not a request": seal(new Uint8Array(40)),
      nothing: seal(new Uint8Array(0)),
      "a request of another key": seal(victim),
      "a request that its key did not sign": seal(forged),
    };
    const answers = new Set<string>();
    for (const [what, envelope] of Object.entries(cases)) {
      const { failInfo, text } = await refused(label, { envelope, content });
      answers.add(`${failInfo}: ${text}`);
      expect(failInfo, what).toBe("badMessageCheck");
    }
    expect([...answers]).toHaveLength(1);
    for (const messageType of [messageTypes.CertPoll, messageTypes.GetCert, messageTypes.GetCRL]) {
      const { failInfo, text } = await refused(label, { envelope: seal(victim), content, messageType });
      expect([...answers]).toEqual([`${failInfo}: ${text}`]);
    }
    const { failInfo, text } = await refused(label, { envelope: changed((length) => length - 17), content });
    expect([...answers]).toEqual([`${failInfo}: ${text}`]);
    expect(await scene.issued(label)).toEqual([]);
  });
});

describe("a message that is not what it says", () => {
  it("is badMessageCheck when its signature is wrong", async () => {
    const label = await scene.open();
    const rep = await refused(label, { signer: { ...rsaKey(), sign: () => new Uint8Array(256).fill(1) } });
    expect(rep.failInfo).toBe("badMessageCheck");
    const others = { signer: rsaKey(1), certificate: selfSigned(rsaKey(), deviceName) };
    expect((await refused(label, others)).failInfo).toBe("badMessageCheck");
  });

  it("is badTime when its clock is days off, and served when it is hours off", async () => {
    const label = await scene.open();
    const now = scene.house.deps.clock.now();
    for (const signingTimeMs of [now - 25 * 3_600_000, now + 25 * 3_600_000])
      expect((await refused(label, { signingTimeMs })).failInfo).toBe("badTime");
    const challenge = await scene.challenge(label);
    const message = enrolment({ ra: await raOf(label), signingTimeMs: now - 12 * 3_600_000, challenge });
    certificateIn(await scene.send(label, message));
  });

  it("is badRequest without an envelope, and with one that is none", async () => {
    const label = await scene.open();
    expect((await refused(label, { envelope: null })).failInfo).toBe("badRequest");
    expect((await refused(label, { envelope: new Uint8Array(10) })).failInfo).toBe("badRequest");
  });
});

describe("what no CertRep can answer", () => {
  const post = async (label: string, body: Uint8Array, headers = {}) => {
    const response = await scene.http("POST", `/scep/${label}?operation=PKIOperation`, body, headers);
    return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
  };

  it("is HTTP 400 in words: no CMS, no transaction, no nonce, nobody's certificate", async () => {
    const label = await scene.open();
    const ra = await raOf(label);
    for (const [body, word] of [
      [new Uint8Array(0), "not DER"],
      [new Uint8Array(100), "not DER"],
      [enrolment({ ra, transactionId: undefined }), "transactionID"],
      [enrolment({ ra, messageType: undefined }), "messageType"],
      [enrolment({ ra, messageType: "x" }), "messageType"],
      [enrolment({ ra, senderNonce: new Uint8Array(0) }), "senderNonce"],
    ] as const)
      expect(await post(label, body)).toMatchObject({ status: 400, text: expect.stringContaining(word) });
    const unreadable = await scene.http("GET", `/scep/${label}?operation=PKIOperation&message=%25%25`);
    expect(unreadable.status).toBe(400);
  });

  it("is 413 above 256 KiB, by POST and by its parser", async () => {
    const label = await scene.open();
    expect((await post(label, new Uint8Array(256 * 1024 + 1))).status).toBe(413);
  });

  it("is refused by operation and method: GetNextCACert is not served, there is no next CA", async () => {
    const label = await scene.open();
    for (const operation of ["GetNextCACert", "", "getcacaps", "constructor"])
      expect((await scene.http("GET", `/scep/${label}?operation=${operation}`)).status, operation).toBe(400);
    expect((await scene.http("GET", `/scep/${label}`)).status).toBe(400);
    const response = await scene.http("POST", `/scep/${label}?operation=GetCACert`, new Uint8Array(1));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await scene.http("PUT", `/scep/${label}?operation=PKIOperation`, new Uint8Array(1))).status).toBe(405);
  });

  it("is refused by path and host", async () => {
    const label = await scene.open();
    for (const path of ["/scep/nobody", `/scep/${label}/x`, "/scepx", "/scep/constructor", "/scep//"])
      expect((await scene.http("GET", `${path}?operation=GetCACaps`)).status, path).toBe(404);
    const elsewhere = { host: "evil.example" };
    const response = await scene.http("GET", `/scep/${label}?operation=GetCACaps`, undefined, elsewhere);
    expect(response.status).toBe(421);
  });

  it("is 503 with Retry-After when the bulkhead is full, not a CertRep that ends the client's attempt", async () => {
    const label = await scene.open();
    const message = enrolment({ ra: await raOf(label), challenge: "a.b" });
    const all = await Promise.all(Array.from({ length: 8 }, () => post(label, message)));
    const shed = all.filter(({ status }) => status === 503);
    expect(shed.length).toBeGreaterThan(0);
    expect(shed[0]?.retryAfter).toBe("1");
    expect(all.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  });

  it("is 503 while the signer is away, and then goes on where it was", async () => {
    let away = false;
    await using shaky = await openScene(4, [tenant], ({ signer }) => ({
      signer: {
        ...signer,
        decrypt: (asked) =>
          away ? Promise.reject(new Failure("unavailable", "away", { retryAfter: 7 })) : signer.decrypt(asked),
      },
    }));
    const label = await shaky.open();
    const [ra = new Uint8Array(0)] = await shaky.caCertificates(label);
    const message = enrolment({ ra, challenge: await shaky.challenge(label) });
    away = true;
    const response = await shaky.http("POST", `/scep/${label}?operation=PKIOperation`, message);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"]);
    away = false;
    certificateIn(await shaky.send(label, message));
  });

  it("is counted by operation and decision, in closed words", async () => {
    const counted = scene.house.deps.protocolRequests.all().map(([request]) => request);
    expect(new Set(counted.map(({ protocol }) => protocol))).toEqual(new Set(["scep"]));
    const operations = new Set(counted.map(({ operation }) => operation));
    for (const operation of ["PKCSReq", "RenewalReq", "other", "http"]) expect(operations).toContain(operation);
    expect(operations.size).toBeLessThan(10);
  });
});
