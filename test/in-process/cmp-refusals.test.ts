/** What CMP refuses, and in which words: nothing is issued for it (behaviour §25, RFC 9483 3.5, 3.6). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BodyType, bodyTypeNames } from "#shared/pki/cmp/body-type";
import { controlOids, infoTypeOids, type InfoTypeName } from "#shared/pki/cmp/oids";
import type { FailureInfo } from "#shared/pki/cmp/status";
import { bitString, implicit, integer, null_, oid, octetString, sequence, tlv } from "#shared/pki/der/writer";
import { subjectAltName } from "#shared/pki/extensions";
import { commonName, nameDer } from "#shared/pki/name";
import { directoryName } from "#shared/pki/cmp/header";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import { servedBodies } from "#functions/cmp/bodies/registry";
import { servedInfoTypes } from "#functions/cmp/bodies/general";
import { createCredential, revokeCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { registerTenant } from "#shared/usecases/register-tenant";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { parseCertificate } from "#shared/pki/certificate";
import { errorOf, issuedBy, openPeer, type Peer, signedBy, endpointSettings } from "#test/cmp/peer";
import {
  certReqMessages,
  certTemplate,
  type ClientKey,
  newClientKey,
  passwordBasedMac,
  pkiMessage,
  type Protection,
  type RequestSpec,
} from "#test/cmp/request";
import { adminCall, newCsr, revocationBaseUrl } from "./house.ts";

let peer: Peer;
let protection: Exclude<Protection, undefined> & { readonly reference: string; readonly secret: Uint8Array };
let issued = 0;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer[Symbol.asyncDispose]());
beforeEach(async () => {
  protection = (await peer.credential()) as typeof protection;
  issued = await peer.certificates();
});
/** Whatever a test here sends: nothing comes of it. */
let mayIssue = 0;
afterEach(async () => {
  const more = (await peer.certificates()) - issued;
  if (more !== mayIssue) throw new Error(`${more} certificates were issued, where ${mayIssue} may be`);
  mayIssue = 0;
});

const name = "ee.example.test";
const san = subjectAltName([{ type: "dns", value: name }], false);
const content = (over: object = {}) =>
  certReqMessages({ subject: name, key: newClientKey(), extensions: [san], ...over });
const ir = (over: Partial<RequestSpec> = {}): RequestSpec => ({ type: "ir", content: content(), protection, ...over });
const refusedAs = async (spec: RequestSpec): Promise<FailureInfo | undefined> => {
  const answered = await peer.send(spec);
  expect(answered.status).toBe(200);
  const { status, failInfo, text } = errorOf(answered);
  expect({ status, text }).toMatchObject({ status: "rejection", text: expect.stringMatching(/\w+ \w+/) });
  return failInfo?.[0];
};

async function enrolled(): Promise<{ key: ClientKey; der: Uint8Array; id: string; protection: Protection }> {
  const key = newClientKey();
  const answered = await peer.send(
    ir({ content: content({ key }), header: { generalInfo: [infoTypeDer("implicitConfirm", null_())] } }),
  );
  const der = issuedBy(answered);
  const { items } = await peer.house.deps.log.list(peer.tenant, "certificate", { limit: 1000 });
  const id = items.find(({ state }) => state.serial === parseCertificate(der).serialHex)?.id ?? "";
  mayIssue++;
  return { key, der, id, protection: signedBy(key, der) };
}

describe("who is not authenticated gets nothing, and an unprotected error", () => {
  const unprotected = async (spec: RequestSpec): Promise<FailureInfo | undefined> => {
    const answered = await peer.send(spec);
    expect(answered.message.protection).toBeUndefined();
    return errorOf(answered).failInfo?.[0];
  };

  it("[W] a request without protection", async () => {
    expect(await unprotected(ir({ protection: undefined }))).toBe("badMessageCheck");
    expect(await unprotected({ type: "p10cr", content: newCsr(name), protection: undefined })).toBe("badMessageCheck");
    expect(
      await unprotected({ type: "rr", content: sequence(sequence(certTemplate({}))), protection: undefined }),
    ).toBe("badMessageCheck");
    expect(await unprotected({ type: "genm", content: sequence(), protection: undefined })).toBe("badMessageCheck");
  });

  it("a wrong MAC, secret, reference; a credential that is revoked, expired, or of another endpoint: all the same words", async () => {
    await peer.endpoint("elsewhere");
    const elsewhere = await peer.credential({ endpoint: "elsewhere" });
    const revoked = await peer.credential();
    await revokeCredential(peer.house.deps, adminCall(peer.tenant), revoked.reference);
    const texts = new Set<string | undefined>();
    const bad: readonly RequestSpec[] = [
      ir({ spoil: (bits) => bits.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }),
      ir({ spoil: (bits) => bits.subarray(1) }),
      ir({ protection: { ...protection, secret: new Uint8Array(43).fill(65) } }),
      ir({ protection: { ...protection, secret: new Uint8Array(0) } }),
      ir({ protection: { ...protection, reference: "aaaaaaaaaaaaaaaa" } }),
      ir({ protection: { ...protection, reference: "" } }),
      ir({ header: { senderKid: undefined } }),
      ir({ header: { senderKid: Uint8Array.of(0xff, 0xfe) } }),
      ir({ protection: elsewhere }),
      ir({ protection: revoked }),
    ];
    for (const spec of bad) {
      const answered = await peer.send(spec);
      expect(answered.message.protection).toBeUndefined();
      expect(errorOf(answered).failInfo).toEqual(["badMessageCheck"]);
      texts.add(errorOf(answered).text);
    }
    expect(texts.size).toBe(1);
  });

  it("a signature by a certificate that is foreign, self-made, revoked, or not the sender's", async () => {
    const own = await enrolled();
    await using other = await openPeer();
    const key = newClientKey();
    const foreign = issuedBy(
      await other.send({ type: "ir", content: content({ key }), protection: await other.credential() }),
    );
    expect(await unprotected(ir({ protection: signedBy(key, foreign) }))).toBe("signerNotTrusted");
    expect(await unprotected(ir({ protection: own.protection, extraCerts: [] }))).toBe("badMessageCheck");
    expect(await unprotected(ir({ protection: own.protection, extraCerts: [sequence()] }))).toBe("signerNotTrusted");
    expect(await unprotected(ir({ protection: signedBy(newClientKey(), own.der) }))).toBe("badMessageCheck");
    const sender = { sender: directoryName(nameDer(commonName("somebody.example.test"))) };
    expect(await unprotected(ir({ protection: own.protection, header: sender }))).toBe("badMessageCheck");
    expect(await unprotected(ir({ protection: own.protection, header: { senderKid: new Uint8Array(20) } }))).toBe(
      "badMessageCheck",
    );
    await revokeCertificate(peer.house.deps, adminCall(peer.tenant), own.id, "keyCompromise");
    expect(await unprotected(ir({ type: "kur", protection: own.protection }))).toBe("signerNotTrusted");
  });

  it("another tenant's credential and certificate, in the same installation", async () => {
    const { deps } = peer.house;
    await registerTenant(deps, { tenant: "globex", name: "Globex", revocationBaseUrl });
    await peer.house.settle("globex");
    const theirs = adminCall("globex");
    await createEndpoint(deps, theirs, "globex-plant", { ...endpointSettings, protocols: ["cmp"] });
    const expiresAt = new Date(deps.clock.now() + 3600_000).toISOString();
    const command = { endpoint: "globex-plant", names: [], maxUses: null, expiresAt };
    const { id, secret } = await createCredential(deps, adminCall("globex"), command);
    const credential = { reference: id, secret: new TextEncoder().encode(secret) };
    const key = newClientKey();
    const answered = await peer.send(
      ir({ content: content({ key }), protection: credential }),
      "/.well-known/cmp/p/globex-plant",
    );
    const der = issuedBy(answered);
    expect(await unprotected(ir({ protection: credential }))).toBe("badMessageCheck");
    expect(await unprotected(ir({ protection: signedBy(key, der) }))).toBe("signerNotTrusted");
    const { issuerDer, serialHex } = parseCertificate(der);
    const template = certTemplate({ issuer: issuerDer, serial: Buffer.from(serialHex, "hex") });
    const revoking = await peer.send({ type: "rr", content: sequence(sequence(template)), protection });
    expect(revoking.message.type).toBe("rp");
    const { items } = await deps.log.list("globex", "certificate", { limit: 100 });
    expect(items.find(({ state }) => state.serial === serialHex)?.state).toMatchObject({ status: "active" });
  });

  it("a way that the endpoint does not take", async () => {
    const own = await enrolled();
    await peer.endpoint("signed-only", { auth: ["certificate"] });
    await peer.endpoint("mac-only", { auth: ["secret"] });
    const at = async (label: string, by: Protection) =>
      errorOf(await peer.send(ir({ protection: by }), `/.well-known/cmp/p/${label}`)).failInfo;
    expect(await at("signed-only", protection)).toEqual(["wrongIntegrity"]);
    expect(await at("mac-only", own.protection)).toEqual(["wrongIntegrity"]);
  });

  it("algorithms that are not accepted", async () => {
    const weak = { ...protection, algorithm: passwordBasedMac({ iterations: 10 }) };
    expect(await unprotected(ir({ protection: weak }))).toBe("badAlg");
    expect(
      await unprotected(ir({ protection: { ...protection, algorithm: passwordBasedMac({ iterations: 1_000_000 }) } })),
    ).toBe("badAlg");
    const own = await enrolled();
    const sha1 = sequence(oid("1.2.840.10045.4.1"));
    expect(await unprotected(ir({ protection: own.protection, header: { protectionAlg: sha1 } }))).toBe("badAlg");
    const rsa = algorithmIdentifier("sha256WithRSAEncryption");
    expect(await unprotected(ir({ protection: own.protection, header: { protectionAlg: rsa } }))).toBe("badAlg");
  });
});

describe("bodies", () => {
  const unserved = bodyTypeNames.filter((type) => !servedBodies.includes(type) && type !== "nested");
  it("all that are not served are these", () => {
    const text = "ip cp popdecc popdecr kup krr krp rp ccr ccp ckuann cann rann crlann pkiconf genp pollRep";
    expect(unserved).toEqual(text.split(" "));
  });
  it.each(unserved)("%s parses and is refused", async (type: BodyType) => {
    const body = type === "ccr" || type === "krr" ? content() : type === "pkiconf" ? null_() : sequence();
    expect(await refusedAs({ type, content: body, protection })).toBe("badRequest");
  });
  it.each((Object.keys(infoTypeOids) as InfoTypeName[]).filter((type) => !servedInfoTypes.includes(type)))(
    "genm %s parses and is refused",
    async (type) => {
      expect(await refusedAs({ type: "genm", content: sequence(infoTypeDer(type)), protection })).toBe("badRequest");
    },
  );
  it("genm of a type that nobody knows is refused", async () => {
    expect(await refusedAs({ type: "genm", content: sequence(sequence(oid("1.2.3.4"))), protection })).toBe(
      "badRequest",
    );
  });
});

describe("headers", () => {
  const withHeader = (header: NonNullable<RequestSpec["header"]>) => refusedAs(ir({ header }));
  it("version", async () => {
    expect(await withHeader({ pvno: 1 })).toBe("unsupportedVersion");
    expect(await withHeader({ pvno: 4 })).toBe("unsupportedVersion");
  });
  it("time: five minutes either way, or none", async () => {
    const now = peer.house.deps.clock.now();
    expect(await withHeader({ messageTimeMs: now - 301_000 })).toBe("badTime");
    expect(await withHeader({ messageTimeMs: now + 301_000 })).toBe("badTime");
    for (const messageTimeMs of [now - 299_000, now + 299_000, undefined])
      expect(issuedBy(await peer.send(ir({ header: { messageTimeMs } }))).length).toBeGreaterThan(300);
    mayIssue = 3;
  });
  it("identifiers and nonces", async () => {
    expect(await withHeader({ transactionId: undefined })).toBe("badDataFormat");
    expect(await withHeader({ senderNonce: undefined })).toBe("badSenderNonce");
    expect(await withHeader({ senderNonce: new Uint8Array(15) })).toBe("badSenderNonce");
    expect(await withHeader({ recipNonce: new Uint8Array(16) })).toBe("badRecipientNonce");
  });
});

describe("proof of possession", () => {
  const signature = (key: ClientKey, bits: Uint8Array) =>
    tlv(0xa1, [algorithmIdentifier(key.algorithm), bitString(bits)]);
  it.each([
    ["none", "none" as const],
    ["raVerified", implicit(0, new Uint8Array(0))],
    ["key encipherment", tlv(0xa2, [tlv(0xa1, [integer(0)])])],
    ["key agreement", tlv(0xa3, [tlv(0xa1, [integer(0)])])],
    ["a signature over something else", signature(newClientKey(), new Uint8Array(70))],
    [
      "an input of its own",
      tlv(0xa1, [tlv(0xa0, [integer(0)]), algorithmIdentifier("ecdsa-with-SHA256"), bitString(new Uint8Array(8))]),
    ],
    [
      "the algorithm of another key",
      tlv(0xa1, [algorithmIdentifier("sha256WithRSAEncryption"), bitString(new Uint8Array(256))]),
    ],
  ])("%s", async (_name, popo) => {
    expect(await refusedAs(ir({ content: content({ popo }) }))).toBe("badPOP");
  });
  it("by an algorithm that is not served", async () => {
    const popo = tlv(0xa1, [sequence(oid("1.2.840.10045.4.1")), bitString(new Uint8Array(8))]);
    expect(await refusedAs(ir({ content: content({ popo }) }))).toBe("badAlg");
  });
  it("of a PKCS #10 request", async () => {
    const csr = newCsr(name);
    csr[csr.length - 1] = (csr[csr.length - 1] ?? 0) ^ 1;
    expect(await refusedAs({ type: "p10cr", content: csr, protection })).toBe("badPOP");
  });
});

describe("templates", () => {
  const cases: readonly (readonly [what: string, over: object, failInfo: FailureInfo])[] = [
    ["serialNumber", { serial: Uint8Array.of(1) }, "badCertTemplate"],
    ["signingAlg", { first: [tlv(0xa2, [oid("1.2.3")])] }, "badCertTemplate"],
    ["version 1", { first: [Uint8Array.of(0x80, 1, 0)] }, "badCertTemplate"],
    ["another issuer", { issuer: nameDer(commonName("Some other CA")) }, "wrongAuthority"],
    ["no subject", { subject: undefined }, "badCertTemplate"],
    ["no key", { spki: undefined }, "badCertTemplate"],
    ["a key of no kind", { spki: sequence(sequence(oid("1.2.3")), bitString(new Uint8Array(8))) }, "badAlg"],
    ["a name of a kind that is not issued", { extensions: [subjectAltNameOther()] }, "badCertTemplate"],
    ["regInfo", { regInfo: sequence() }, "badRequest"],
    ["an end in the past", { notAfterMs: 0 }, "badCertTemplate"],
    ["an end beyond the profile", { notAfterMs: Date.UTC(2040, 0, 1) }, "badCertTemplate"],
    ...(["regToken", "pkiArchiveOptions", "oldCertID", "protocolEncrKey"] as const).map(
      (control) =>
        [
          control,
          { controls: [sequence(oid(controlOids[control]), octetString(new Uint8Array(1)))] },
          "badRequest",
        ] as const,
    ),
  ];
  it.each(cases)("%s", async (_name, over, failInfo) => {
    expect(await refusedAs(ir({ content: content(over) }))).toBe(failInfo);
  });
  it("more than one request in a message", async () => {
    const one = content();
    const inner = one.subarray(one.length - (one[1] === 0x82 ? one.length - 4 : one.length - 3));
    expect(await refusedAs(ir({ content: sequence(inner, inner) }))).toBe("badRequest");
  });
});

/** A registeredID. */
function subjectAltNameOther(): Uint8Array {
  return sequence(oid("2.5.29.17"), octetString(sequence(implicit(8, Uint8Array.of(0x2a, 3)))));
}

describe("nested", () => {
  const nested = async (inner: readonly Uint8Array[], by: Protection) =>
    peer.send({ type: "nested", content: sequence(...inner), protection: by });
  const messageTimeMs = () => peer.house.deps.clock.now();
  const irBytes = async (over: Partial<RequestSpec> = {}) =>
    pkiMessage(ir({ header: { messageTimeMs: messageTimeMs() }, ...over }));

  it("one level under a signature: the inner message is answered to its own sender", async () => {
    const own = await enrolled();
    const der = await irBytes();
    const answered = await peer.post(
      await pkiMessage({
        type: "nested",
        content: sequence(der),
        protection: own.protection,
        header: { messageTimeMs: messageTimeMs() },
      }),
    );
    expect(issuedBy(answered).length).toBeGreaterThan(300);
    mayIssue = 2;
  });

  it("is refused when either protection does not hold, under a MAC, in batches, and deeper", async () => {
    const own = await enrolled();
    const refused = async (inner: readonly Uint8Array[], by: Protection) =>
      errorOf(await nested(inner, by)).failInfo?.[0];
    const post = async (inner: Uint8Array) => {
      const der = await pkiMessage({
        type: "nested",
        content: sequence(inner),
        protection: own.protection,
        header: { messageTimeMs: messageTimeMs() },
      });
      return errorOf(await peer.post(der)).failInfo?.[0];
    };
    expect(await refused([await irBytes()], undefined)).toBe("badMessageCheck");
    expect(await refused([await irBytes()], signedBy(newClientKey(), own.der))).toBe("badMessageCheck");
    expect(await refused([await irBytes()], protection)).toBe("wrongIntegrity");
    expect(await post(await irBytes({ protection: undefined }))).toBe("badMessageCheck");
    expect(await post(await irBytes({ spoil: () => new Uint8Array(32) }))).toBe("badMessageCheck");
    expect(await refused([await irBytes(), await irBytes()], own.protection)).toBe("badRequest");
    expect(await refused([], own.protection)).toBe("badRequest");
    const deep = await pkiMessage({ type: "nested", content: sequence(await irBytes()), protection: own.protection });
    expect(await refused([deep], own.protection)).toBe("badRequest");
  });
});
