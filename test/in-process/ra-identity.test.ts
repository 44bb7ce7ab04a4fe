import { constants, createHash, publicEncrypt, verify, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { parseCertificate } from "#shared/pki/certificate";
import { certRepAttributes } from "#shared/pki/scep/cert-rep-attributes";
import { freshenRaCertificates } from "#shared/usecases/freshen-ra-certificates";
import { raIdentity } from "#shared/usecases/ra-identity";
import { rotateRaCertificate } from "#shared/usecases/rotate-ra-certificate";
import { systemCall } from "#shared/usecases/deps";
import { reconcile } from "#shared/usecases/reconcile";
import { explicit, null_ } from "#shared/pki/der/writer";
import { cmpHeader, protectedPart } from "#test/vectors/cmp-response";
import { createIssuingCa } from "#shared/usecases/create-issuer";
import { adminCall, openHouse, type House, revocationBaseUrl } from "./house.ts";

const day = 86_400_000;

async function issuing({ deps }: House): Promise<string> {
  const { items } = await deps.log.list("acme", "issuer", { limit: 10 });
  return items.find(({ state }) => state.role === "issuing")?.id ?? "";
}
const fail = (issuer: string, error: unknown): never => {
  throw new Error(`freshness failed for ${issuer}`, { cause: error });
};
const attributes = certRepAttributes({
  messageDigest: createHash("sha256").update("content").digest(),
  transactionId: "1",
  status: "pending",
  senderNonce: new Uint8Array(16),
  recipientNonce: new Uint8Array(16),
});
const encrypted = (certificate: Uint8Array, contentKey: Uint8Array): Uint8Array =>
  publicEncrypt({ key: new X509Certificate(certificate).publicKey, padding: constants.RSA_PKCS1_PADDING }, contentKey);
const contentKey = Uint8Array.from({ length: 32 }, (_, i) => i);

it("is made once, however many ask for it first", async () => {
  await using house = await openHouse();
  const issuer = await issuing(house);
  const all = await Promise.all(Array.from({ length: 8 }, () => raIdentity(house.deps, "acme", issuer)));
  expect(new Set(all.map(({ certificate }) => Buffer.from(certificate).toString("hex"))).size).toBe(1);
  expect((await house.deps.log.load("acme", "ra-certificate", issuer)).state).toMatchObject({
    generation: 1,
    previous: [],
  });
});

it("is made once, when two processes and the clock begin at the same moment", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issuer = await issuing(house);
  // What takes turns within a process knows it by its directory.
  const other = { ...deps, directory: { ...deps.directory } };
  const call = () => systemCall("acme", "freshness", `ra-certificate/${issuer}`);
  const [one, two] = await Promise.all([
    raIdentity(deps, "acme", issuer),
    raIdentity(other, "acme", issuer),
    rotateRaCertificate(deps, call(), issuer),
  ]);
  expect(two.certificate).toEqual(one.certificate);
  house.advance(21 * day);
  await Promise.all([freshenRaCertificates(deps, "acme", fail), freshenRaCertificates(other, "acme", fail)]);
  const { state } = await deps.log.load("acme", "ra-certificate", issuer);
  expect(state).toMatchObject({ generation: 2, previous: [{ generation: 1 }] });
  house.advance(120_000);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ repaired: [], unjournalled: [], inFlight: 0 });
});

it("has a certificate of its issuer for what it does, and a chain to the root", async () => {
  await using house = await openHouse();
  const { certificate, chain } = await raIdentity(house.deps, "acme", await issuing(house));
  const [ca, root] = chain.map((der) => new X509Certificate(der));
  const own = new X509Certificate(certificate);
  expect(chain).toHaveLength(2);
  expect(own.checkIssued(ca as X509Certificate) && own.verify((ca as X509Certificate).publicKey)).toBe(true);
  expect(root?.verify(root.publicKey)).toBe(true);
  expect(parseCertificate(certificate)).toMatchObject({
    extKeyUsage: ["cmcRA"],
    keyUsage: ["digitalSignature", "keyEncipherment"],
    key: { algorithm: "RSA", bits: 2048 },
    ocspUrls: [],
    crlUrls: [],
  });
  expect(Date.parse(own.validTo) - Date.parse(own.validFrom)).toBe(30 * day);
});

it("signs replies, opens requests, and the audit counts both", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const identity = await raIdentity(deps, "acme", await issuing(house));
  const { publicKey } = new X509Certificate(identity.certificate);
  expect(verify("sha256", attributes, publicKey, await identity.sign("cms", attributes))).toBe(true);
  const header = cmpHeader(parseCertificate(identity.certificate).subjectDer, deps.clock.now());
  const response = protectedPart(header, explicit(19, null_()));
  expect(verify("sha256", response, publicKey, await identity.sign("cmp", response))).toBe(true);
  expect(await identity.decrypt(encrypted(identity.certificate, contentKey), 32)).toEqual(contentKey);
  await expect(identity.decrypt(new Uint8Array(255), 32)).rejects.toMatchObject({ code: "malformed" });
  await deps.signer.flush();
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({
    replySignatures: 2,
    decryptions: 1,
    ocspSignatures: 0,
    unjournalled: [],
    repaired: [],
  });
});

it("is replaced long before it ends, and the one before opens requests until its own end", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issuer = await issuing(house);
  expect(await freshenRaCertificates(deps, "acme", fail)).toBe(0);
  const first = await raIdentity(deps, "acme", issuer);
  const { serialHex } = parseCertificate(first.certificate);
  house.advance(19 * day);
  expect(await freshenRaCertificates(deps, "acme", fail)).toBe(0);
  house.advance(2 * day);
  expect(await freshenRaCertificates(deps, "acme", fail)).toBe(1);
  expect(await freshenRaCertificates(deps, "acme", fail)).toBe(0);

  const second = await raIdentity(deps, "acme", issuer);
  expect(parseCertificate(second.certificate).serialHex).not.toBe(serialHex);
  const earlier = await raIdentity(deps, "acme", issuer, serialHex);
  expect(earlier.certificate).toEqual(first.certificate);
  expect(await earlier.decrypt(encrypted(first.certificate, contentKey), 32)).toEqual(contentKey);

  house.advance(10 * day);
  await expect(raIdentity(deps, "acme", issuer, serialHex)).rejects.toMatchObject({ code: "not_found" });
  await expect(earlier.decrypt(encrypted(first.certificate, contentKey), 32)).rejects.toMatchObject({
    code: "guard_refused",
    message: expect.stringMatching(/has ended/) as unknown,
  });
});

it("comes back by itself when nobody renewed it in time", async () => {
  await using house = await openHouse();
  const issuer = await issuing(house);
  await raIdentity(house.deps, "acme", issuer);
  house.advance(31 * day);
  await raIdentity(house.deps, "acme", issuer);
  const { state } = await house.deps.log.load("acme", "ra-certificate", issuer);
  expect(state).toMatchObject({ generation: 2, previous: [] });
});

it("is made anew when a try was cut off after the signature, and the audit stays clean", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issuer = await issuing(house);
  const cut = { ...deps, log: { ...deps.log, commit: () => Promise.reject(new Error("cut off")) } };
  await expect(raIdentity(cut, "acme", issuer)).rejects.toThrow("cut off");
  house.advance(120_000);
  expect((await reconcile(deps, adminCall("acme"))).repaired).toMatchObject([{ type: "certificate" }]);
  const { certificate } = await raIdentity(deps, "acme", issuer);
  const { state } = await deps.log.load("acme", "ra-certificate", issuer);
  expect(state).toMatchObject({ generation: 2, serial: parseCertificate(certificate).serialHex });
  house.advance(120_000);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ repaired: [], unjournalled: [], inFlight: 0 });
});

it("takes up what a try left that was cut off a moment ago", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issuer = await issuing(house);
  const cut = { ...deps, log: { ...deps.log, commit: () => Promise.reject(new Error("cut off")) } };
  await expect(raIdentity(cut, "acme", issuer)).rejects.toThrow("cut off");
  house.advance(10_000);
  await raIdentity(deps, "acme", issuer);
  expect((await deps.log.load("acme", "ra-certificate", issuer)).state?.generation).toBe(1);
  house.advance(120_000);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ repaired: [], unjournalled: [], inFlight: 0 });
});

it("ends with its issuer, and is not replaced each minute of the last days", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const call = adminCall("acme");
  const validitySeconds = (20 * day) / 1000;
  const command = {
    name: "Short",
    keyAlgorithm: "P-256",
    permittedDns: [],
    revocationBaseUrl,
    validitySeconds,
  } as const;
  const issuer = await createIssuingCa(deps, call, command);
  await raIdentity(deps, "acme", issuer);
  const generation = async () => (await deps.log.load("acme", "ra-certificate", issuer)).state?.generation;
  for (const days of [11, 8]) {
    house.advance(days * day);
    expect(await freshenRaCertificates(deps, "acme", fail)).toBe(0);
  }
  expect(await generation()).toBe(1);
  house.advance(2 * day);
  await expect(raIdentity(deps, "acme", issuer)).rejects.toMatchObject({ code: "unavailable" });
});

it("is no root's, no other tenant's and no unknown issuer's", async () => {
  await using house = await openHouse(["acme", "other"]);
  const { items } = await house.deps.log.list("acme", "issuer", { limit: 10 });
  const root = items.find(({ state }) => state.role === "root")?.id ?? "";
  await expect(raIdentity(house.deps, "acme", root)).rejects.toMatchObject({ code: "conflict" });
  await expect(raIdentity(house.deps, "other", await issuing(house))).rejects.toMatchObject({ code: "not_found" });
  await expect(raIdentity(house.deps, "acme", "nobody")).rejects.toMatchObject({ code: "not_found" });
});
