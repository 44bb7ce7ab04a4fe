/** CMP from request to confirmed certificate, through the public door (RFC 9810, RFC 9483 4.1, 4.4). */
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuties } from "#functions/clock/app";
import { parseCertificate } from "#shared/pki/certificate";
import { crmfCertIdDer } from "#shared/pki/cmp/cert-id";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import { controlOids } from "#shared/pki/cmp/oids";
import { null_, oid, sequence, utf8String } from "#shared/pki/der/writer";
import { keyUsage, subjectAltName } from "#shared/pki/extensions";
import { certReqIdDer } from "#shared/pki/cmp/cert-req-id";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { reconcile } from "#shared/usecases/reconcile";
import { sweepUnconfirmed } from "#shared/usecases/unconfirmed-certificates";
import {
  type Answered,
  certRep,
  confirming,
  errorOf,
  following,
  issuedBy,
  openPeer,
  type Peer,
  signedBy,
} from "#test/cmp/peer";
import {
  certConfirm,
  certReqMessages,
  newClientKey,
  passwordBasedMac,
  type Protection,
  type RequestSpec,
} from "#test/cmp/request";
import { adminCall, newCsr } from "./house.ts";

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer[Symbol.asyncDispose]());

const name = "ee.example.test";
const san = subjectAltName([{ type: "dns", value: name }], false);
const implicitConfirm = { generalInfo: [infoTypeDer("implicitConfirm", null_())] };
const ir = (protection: Protection, over: Partial<RequestSpec> = {}): RequestSpec => ({
  type: "ir",
  content: certReqMessages({ subject: name, key: newClientKey(), extensions: [san] }),
  protection,
  ...over,
});
async function recorded(der: Uint8Array) {
  const { serialHex } = parseCertificate(der);
  const { items } = await peer.house.deps.log.list(peer.tenant, "certificate", { limit: 1000 });
  const found = items.find(({ state }) => state.serial === serialHex);
  if (found === undefined) throw new Error(`${serialHex} is not in the inventory`);
  return found.state;
}

describe("ir, cr and p10cr under a MAC", () => {
  it("ir: the certificate, its chain and root, the explicit confirmation", async () => {
    const protection = await peer.credential();
    const answered = await peer.send(ir(protection));
    const { responses, caPubs } = certRep(answered);
    expect(responses).toMatchObject([{ certReqId: 0, info: { status: "accepted" } }]);
    const der = issuedBy(answered);
    const leaf = new X509Certificate(der);
    const [issuing] = answered.message.extraCerts.map((extra) => new X509Certificate(extra));
    const root = new X509Certificate(caPubs?.[0] ?? new Uint8Array());
    expect(leaf.verify(issuing?.publicKey as never) && (issuing?.verify(root.publicKey) ?? false)).toBe(true);
    expect(leaf.subjectAltName).toBe(`DNS:${name}`);
    expect(answered.message.header.generalInfo.map(({ type }) => type)).toEqual(["confirmWaitTime"]);
    expect(await recorded(der)).toMatchObject({ protocol: "cmp", endpoint: "plant", status: "active" });
    const confirmed = await peer.send(confirming(answered, protection));
    expect(confirmed.message.type).toBe("pkiconf");
    // Said again, answered again; the other word comes too late.
    const nonceOf = (answer: Answered) => ({ header: following(answer) });
    expect((await peer.send({ ...confirming(answered, protection), ...nonceOf(confirmed) })).message.type).toBe(
      "pkiconf",
    );
    const late = await peer.send({ ...confirming(answered, protection, true), ...nonceOf(confirmed) });
    expect(errorOf(late).failInfo).toEqual(["certConfirmed"]);
    expect(await recorded(der)).toMatchObject({ status: "active" });
  });

  it("cr with implicit confirmation, pvno 3", async () => {
    const protection = await peer.credential();
    const answered = await peer.send(ir(protection, { type: "cr", header: { ...implicitConfirm, pvno: 3 } }));
    expect(answered.message.type).toBe("cp");
    expect(answered.message.header.pvno).toBe(3);
    expect(answered.message.header.generalInfo.map(({ type }) => type)).toEqual(["implicitConfirm"]);
    expect(certRep(answered).caPubs).toBeUndefined();
    expect(issuedBy(await peer.post(answered.request.der))).toEqual(issuedBy(answered));
    expect(errorOf(await peer.send(confirming(answered, protection))).failInfo).toEqual(["badRequest"]);
  });

  it("p10cr: certReqId -1", async () => {
    const protection = await peer.credential();
    const answered = await peer.send({ type: "p10cr", content: newCsr(name), protection });
    expect(certRep(answered).responses).toMatchObject([{ certReqId: -1, info: { status: "accepted" } }]);
    expect((await peer.send(confirming(answered, protection))).message.type).toBe("pkiconf");
  });

  it.each([
    passwordBasedMac({ mac: "sha1" }),
    passwordBasedMac({ owf: "sha512", mac: "sha512", iterations: 10_000 }),
    { type: "PBMAC1", salt: new Uint8Array(16), iterations: 1_000, prf: "sha256", keyOctets: 32, mac: "sha256" },
    { type: "PBMAC1", salt: new Uint8Array(8), iterations: 100_000, prf: "sha512", keyOctets: 64, mac: "sha512" },
  ] as const)("$type with HMAC over $mac, $iterations rounds", async (algorithm) => {
    const protection = { ...(await peer.credential()), algorithm };
    expect(issuedBy(await peer.send(ir(protection, { header: implicitConfirm }))).length).toBeGreaterThan(300);
  });

  it("grants with modifications what the profile decides otherwise, and says what", async () => {
    const protection = await peer.credential();
    const content = certReqMessages({
      subject: name,
      key: newClientKey(),
      extensions: [san, keyUsage(["keyAgreement"])],
      notAfterMs: peer.house.deps.clock.now() + 7 * 86_400_000,
    });
    const answered = await peer.send(ir(protection, { content }));
    const [response] = certRep(answered).responses;
    expect(response?.info).toEqual({ status: "grantedWithMods", text: "not as asked for: keyUsage" });
    const lifetime = parseCertificate(issuedBy(answered)).notAfterMs - peer.house.deps.clock.now();
    expect(lifetime).toBe(7 * 86_400_000);
  });

  it("names the profile of the endpoint, and chooses no other", async () => {
    const protection = await peer.credential();
    const profile = (named: string) => ({ generalInfo: [infoTypeDer("certProfile", sequence(utf8String(named)))] });
    expect(issuedBy(await peer.send(ir(protection, { header: profile("default") }))).length).toBeGreaterThan(300);
    expect(errorOf(await peer.send(ir(protection, { header: profile("other") }))).failInfo).toEqual([
      "unacceptedPolicy",
    ]);
  });
});

describe("a transaction", () => {
  it("sent again is answered with the same certificate; another request under its id is refused", async () => {
    const protection = await peer.credential();
    const spec = ir(protection, {
      header: { transactionId: new Uint8Array(16).fill(7), senderNonce: new Uint8Array(16).fill(8) },
    });
    const first = await peer.send(spec);
    const count = await peer.certificates();
    const again = await peer.post(first.request.der);
    expect(issuedBy(again)).toEqual(issuedBy(first));
    expect(await peer.certificates()).toBe(count);
    const other = await peer.send(ir(protection, { header: { transactionId: new Uint8Array(16).fill(7) } }));
    expect(errorOf(other).failInfo).toEqual(["transactionIdInUse"]);
    // The same id from somebody else is another transaction.
    const stranger = await peer.send(
      ir(await peer.credential(), { header: { transactionId: new Uint8Array(16).fill(7) } }),
    );
    expect(issuedBy(stranger)).not.toEqual(issuedBy(first));
  });

  it("of a credential for one use: confirmed with it, and a second one refused", async () => {
    const protection = await peer.credential({ maxUses: 1, names: [name] });
    const answered = await peer.send(ir(protection));
    expect((await peer.send(confirming(answered, protection))).message.type).toBe("pkiconf");
    const count = await peer.certificates();
    const second = await peer.send(ir(protection));
    expect(errorOf(second)).toMatchObject({ status: "rejection", failInfo: ["badMessageCheck"] });
    expect(await peer.certificates()).toBe(count);
  });

  it("beyond the names of its credential is refused", async () => {
    const protection = await peer.credential({ names: ["other.example.test"] });
    expect(errorOf(await peer.send(ir(protection)))).toMatchObject({ failInfo: ["notAuthorized"] });
  });
});

describe("certConf", () => {
  it.each([
    ["a rejection", (answered: Answered, protection: Protection) => confirming(answered, protection, true)],
    [
      "an empty list",
      (answered: Answered, protection: Protection) => ({ ...confirming(answered, protection), content: sequence() }),
    ],
    [
      "an error message",
      (answered: Answered, protection: Protection): RequestSpec => ({
        ...confirming(answered, protection),
        type: "error",
        content: sequence(sequence(certReqIdDer(2))),
      }),
    ],
  ])("%s: the certificate is revoked", async (_name, spec) => {
    const protection = await peer.credential();
    const answered = await peer.send(ir(protection));
    expect((await peer.send(spec(answered, protection))).message.type).toBe("pkiconf");
    expect(await recorded(issuedBy(answered))).toMatchObject({ status: "revoked", reason: "cessationOfOperation" });
  });

  it("is refused with another hash, certReqId or nonce, from another sender, and without a transaction", async () => {
    const protection = await peer.credential();
    const answered = await peer.send(ir(protection));
    const good = confirming(answered, protection);
    const refusedAs = async (spec: RequestSpec) => errorOf(await peer.send(spec)).failInfo?.[0];
    expect(await refusedAs({ ...good, content: certConfirm(new Uint8Array(32), 0) })).toBe("badCertId");
    expect(await refusedAs({ ...good, content: certConfirm(new Uint8Array(32), 1) })).toBe("badRequest");
    expect(await refusedAs({ ...good, header: { ...good.header, recipNonce: new Uint8Array(16) } })).toBe(
      "badRecipientNonce",
    );
    expect(await refusedAs({ ...good, header: { ...good.header, recipNonce: undefined } })).toBe("badRecipientNonce");
    expect(await refusedAs({ ...good, header: { ...good.header, transactionId: new Uint8Array(16).fill(1) } })).toBe(
      "badRequest",
    );
    expect(await refusedAs({ ...good, protection: await peer.credential() })).toBe("badRequest");
    expect(await recorded(issuedBy(answered))).toMatchObject({ status: "active" });
    expect((await peer.send(good)).message.type).toBe("pkiconf");
  });

  it("that never comes: the clock revokes the certificate after ten minutes, whichever process issued it", async () => {
    await using slow = await openPeer();
    const { log } = slow.house.deps;
    const protection = await slow.credential();
    const taken = await slow.send(ir(protection));
    expect((await slow.send(confirming(taken, protection))).message.type).toBe("pkiconf");
    const left = await slow.send(ir(protection));
    const statusOf = async (answered: Answered) => {
      const { serialHex } = parseCertificate(issuedBy(answered));
      const { items } = await log.list(slow.tenant, "certificate", { limit: 100 });
      return items.find(({ state }) => state.serial === serialHex)?.state.status;
    };
    expect(await statusOf(left)).toBe("active");
    const clock = createDuties(slow.house.deps);
    const round = () => clock(async () => undefined);
    slow.house.advance(10 * 60_000 - 1);
    await round();
    expect(await statusOf(left)).toBe("active");
    slow.house.advance(1);
    await round();
    expect([await statusOf(left), await statusOf(taken)]).toEqual(["revoked", "active"]);
    const late = await slow.send(confirming(left, protection));
    expect(errorOf(late).failInfo).toEqual(["certRevoked"]);
    expect((await slow.send(confirming(taken, protection))).message.type).toBe("pkiconf");
  });

  it("and a clock that comes to the certificate at the same moment: one of them has it", async () => {
    await using slow = await openPeer();
    const { deps } = slow.house;
    for (let n = 0; n < 12; n++) {
      const protection = await slow.credential();
      const answered = await slow.send(ir(protection));
      slow.house.advance(10 * 60_000);
      const [confirmed] = await Promise.all([
        new Promise((resolve) => setTimeout(resolve, n)).then(() => slow.send(confirming(answered, protection))),
        sweepUnconfirmed(deps, slow.tenant),
      ]);
      const { serialHex } = parseCertificate(issuedBy(answered));
      const { items } = await deps.log.list(slow.tenant, "certificate", { limit: 100 });
      const { status } = items.find(({ state }) => state.serial === serialHex)?.state ?? {};
      expect([confirmed.message.type, status]).toEqual(
        confirmed.message.type === "pkiconf" ? ["pkiconf", "active"] : ["error", "revoked"],
      );
      await sweepUnconfirmed(deps, slow.tenant);
      expect((await deps.shortLived.list(slow.tenant, "unconfirmed", { limit: 10 })).items).toEqual([]);
    }
  });

  it("and a clock that is cut off before it revoked: the next one does", async () => {
    await using slow = await openPeer();
    const { deps } = slow.house;
    const answered = await slow.send(ir(await slow.credential()));
    slow.house.advance(10 * 60_000);
    const log = { ...deps.log, commit: () => Promise.reject(new Error("cut off")) };
    await expect(sweepUnconfirmed({ ...deps, log }, slow.tenant)).rejects.toThrow("cut off");
    await sweepUnconfirmed(deps, slow.tenant);
    const { items } = await deps.log.list(slow.tenant, "certificate", { limit: 10 });
    const { serialHex } = parseCertificate(issuedBy(answered));
    expect(items.find(({ state }) => state.serial === serialHex)?.state.status).toBe("revoked");
  });
});

describe("kur", () => {
  async function enrolled() {
    const key = newClientKey();
    const content = certReqMessages({ subject: name, key, extensions: [san] });
    const answered = await peer.send(ir(await peer.credential(), { content, header: implicitConfirm }));
    return { key, der: issuedBy(answered), protection: signedBy(key, issuedBy(answered)) };
  }

  it("is signed by the certificate that it replaces, and is answered by the RA", async () => {
    const { der, protection } = await enrolled();
    const { issuerDer, serialHex } = parseCertificate(der);
    const oldCertId = sequence(oid(controlOids.oldCertID), crmfCertIdDer({ issuer: issuerDer, serialHex }));
    const content = certReqMessages({ subject: name, key: newClientKey(), extensions: [san], controls: [oldCertId] });
    const answered = await peer.send({ type: "kur", content, protection });
    expect(answered.message.type).toBe("kup");
    expect(await recorded(der)).toMatchObject({ status: "superseded" });
    expect((await peer.send(confirming(answered, protection))).message.type).toBe("pkiconf");
    const report = await reconcile(peer.house.deps, adminCall(peer.tenant));
    expect(report).toMatchObject({ repaired: [], unjournalled: [] });
  });

  it("is refused under a MAC, for another subject, for another certificate, and when the old one was revoked", async () => {
    const { der, protection } = await enrolled();
    const { issuerDer } = parseCertificate(der);
    const count = await peer.certificates();
    const kur = (over: object, by: Protection = protection): RequestSpec => ({
      type: "kur",
      content: certReqMessages({ subject: name, key: newClientKey(), extensions: [san], ...over }),
      protection: by,
    });
    const refusedAs = async (spec: RequestSpec) => errorOf(await peer.send(spec)).failInfo?.[0];
    expect(await refusedAs(kur({}, await peer.credential()))).toBe("wrongIntegrity");
    expect(await refusedAs(kur({ subject: "other.example.test" }))).toBe("badCertTemplate");
    expect(
      await refusedAs(kur({ extensions: [subjectAltName([{ type: "dns", value: "x.example.test" }], false)] })),
    ).toBe("badCertTemplate");
    const other = sequence(oid(controlOids.oldCertID), crmfCertIdDer({ issuer: issuerDer, serialHex: "01" }));
    expect(await refusedAs(kur({ controls: [other] }))).toBe("badCertId");
    expect(await peer.certificates()).toBe(count);
  });

  it("cr and p10cr may be signed for the same subject and names, and for no others", async () => {
    const { protection } = await enrolled();
    const answered = await peer.send(ir(protection, { type: "cr" }));
    expect(issuedBy(answered).length).toBeGreaterThan(300);
    expect(issuedBy(await peer.send({ type: "p10cr", content: newCsr(name), protection })).length).toBeGreaterThan(300);
    const other = await peer.send({ type: "p10cr", content: newCsr("other.example.test"), protection });
    expect(errorOf(other).failInfo).toEqual(["notAuthorized"]);
    const more = await peer.send({ type: "p10cr", content: newCsr(name, "other.example.test"), protection });
    expect(errorOf(more).failInfo).toEqual(["badCertTemplate"]);
  });
});

describe("approval by a person", () => {
  const path = "/.well-known/cmp/p/slow";
  beforeAll(() => peer.endpoint("slow", { approval: "manual" }));

  const poll = (answered: Answered, protection: Protection, id = 0): RequestSpec => ({
    type: "pollReq",
    content: sequence(sequence(certReqIdDer(id))),
    protection,
    header: following(answered),
  });
  async function waiting() {
    const protection = await peer.credential({ endpoint: "slow" });
    const answered = await peer.send(ir(protection), path);
    const { items } = await peer.house.deps.log.list(peer.tenant, "enrolment-request", { limit: 100 });
    const request = items.find(({ state }) => state.status === "pending")?.id ?? "";
    return { protection, answered, request };
  }

  it("waiting, pollRep, and then the certificate", async () => {
    const { protection, answered, request } = await waiting();
    expect(certRep(answered).responses).toMatchObject([{ certReqId: 0, info: { status: "waiting" } }]);
    const still = await peer.send(poll(answered, protection), path);
    expect(still.message.type).toBe("pollRep");
    expect(errorOf(await peer.send(poll(still, protection, 1), path)).failInfo).toEqual(["badRequest"]);
    await approveRequest(peer.house.deps, adminCall(peer.tenant), request);
    const ready = await peer.send(poll(still, protection), path);
    expect(ready.message.type).toBe("ip");
    expect(await recorded(issuedBy(ready))).toMatchObject({ protocol: "cmp", endpoint: "slow" });
    const confirmed = await peer.send({ ...confirming(ready, protection), header: following(ready) }, path);
    expect(confirmed.message.type).toBe("pkiconf");
    expect(errorOf(await peer.send(poll(confirmed, protection), path)).failInfo).toEqual(["badRequest"]);
  });

  it("refused: said with the certReqId", async () => {
    const { protection, answered, request } = await waiting();
    await refuseRequest(peer.house.deps, adminCall(peer.tenant), request, "not ours");
    const refused = await peer.send(poll(answered, protection), path);
    expect(certRep(refused).responses).toMatchObject([{ certReqId: 0, info: { failInfo: ["notAuthorized"] } }]);
  });
});
