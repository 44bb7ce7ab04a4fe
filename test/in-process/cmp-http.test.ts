/** The edge of CMP: what HTTP itself refuses, paths, revocation and general messages (RFC 9811, RFC 9483 4.2, 4.3, 6.1). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCmp } from "#functions/cmp/app";
import { createPool } from "#shared/http/pool";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { directoryName } from "#shared/pki/cmp/header";
import { parseInfoTypes, infoTypeDer } from "#shared/pki/cmp/info-type";
import { parseMessage } from "#shared/pki/cmp/message";
import { parseErrorContent, parseStatusInfo } from "#shared/pki/cmp/status";
import { parseCertificateList } from "#shared/pki/crl";
import {
  enumerated,
  explicit,
  ia5String,
  null_,
  octetString,
  sequence,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import { extension, subjectAltName } from "#shared/pki/extensions";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { oids } from "#shared/pki/oids";
import { type Answered, certRep, errorOf, issuedBy, openPeer, type Peer, signedBy } from "#test/cmp/peer";
import {
  certReqMessages,
  certTemplate,
  type ClientKey,
  newClientKey,
  pkiMessage,
  type Protection,
  type RequestSpec,
} from "#test/cmp/request";
import { newCsr } from "./house.ts";

let peer: Peer;
let protection: Protection;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer[Symbol.asyncDispose]());
beforeEach(async () => {
  protection = await peer.credential();
});

const name = "ee.example.test";
const san = subjectAltName([{ type: "dns", value: name }], false);
const implicitly = { generalInfo: [infoTypeDer("implicitConfirm", null_())] };
const ir = (over: Partial<RequestSpec> = {}, key: ClientKey = newClientKey()): RequestSpec => ({
  type: "ir",
  content: certReqMessages({ subject: name, key, extensions: [san] }),
  protection,
  header: implicitly,
  ...over,
});

describe("HTTP", () => {
  const refused = async (path: string, init: RequestInit) => {
    const response = await peer.fetch(path, init);
    const body = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get("content-type")).toBe("application/pkixcmp");
    const message = parseMessage(body);
    expect(message.type).toBe("error");
    return { status: response.status, failInfo: parseErrorContent(message.content).failInfo?.[0] };
  };
  const plant = "/.well-known/cmp/p/plant";

  it("[W] refusals are PKI error messages, with HTTP's own status only where no message was read", async () => {
    expect(await refused(plant, { method: "GET" })).toEqual({ status: 405, failInfo: "badRequest" });
    expect(await refused(plant, { headers: { "content-type": "text/plain" }, body: "x" })).toEqual({
      status: 415,
      failInfo: "badDataFormat",
    });
    expect(await refused(plant, { headers: { host: "evil.example" }, body: "x" })).toEqual({
      status: 421,
      failInfo: "wrongAuthority",
    });
    expect(await refused(plant, { body: "" })).toEqual({ status: 400, failInfo: "badDataFormat" });
    expect(await refused(plant, { body: "no DER" })).toEqual({ status: 400, failInfo: "badDataFormat" });
    expect(await refused(plant, { body: new Uint8Array(256 * 1024 + 1) })).toEqual({
      status: 413,
      failInfo: "badDataFormat",
    });
    const unknown = { status: 404, failInfo: "wrongAuthority" };
    for (const path of [
      "/.well-known/cmp/p/nowhere",
      "/.well-known/cmp",
      "/.well-known/cmp/p",
      "/.well-known/cmp/p/plant/x",
      "/.well-known/cmpx",
      "/.well-known/cmp/p/plant/pkcs10/x",
    ])
      expect(await refused(path, { body: "x" }), path).toEqual(unknown);
    expect(peer.house.reported).toEqual([]);
  });

  it("overload and a store that is down: 503, Retry-After, systemUnavail; a defect: systemFailure, and no word of it", async () => {
    const { deps } = peer.house;
    const post = async (over: object) => {
      const app = createCmp({ ...deps, pool: createPool(8), ...over });
      const body = (await pkiMessage({
        ...ir(),
        header: { messageTimeMs: deps.clock.now() },
      })) as Uint8Array<ArrayBuffer>;
      const headers = { host: "localhost", "content-type": "application/pkixcmp" };
      const request = new Request(`https://localhost${plant}`, { method: "POST", headers, body });
      const response = await app.fetch(request, { address: "127.0.0.1", certificate: undefined });
      const { content } = parseMessage(new Uint8Array(await response.arrayBuffer()));
      return { http: response.status, after: response.headers.get("retry-after"), ...parseErrorContent(content) };
    };
    const busy = { status: "rejection", failInfo: ["systemUnavail"] };
    expect(await post({ pool: createPool(0) })).toMatchObject({ ...busy, http: 503, after: "1" });
    expect(await post({ limiter: { take: () => ({ ok: false, retryAfter: 7 }) } })).toMatchObject({
      ...busy,
      http: 429,
      after: "7",
    });
    const directory = {
      ...deps.directory,
      resolve: () => Promise.reject(new Failure("unavailable", "down", { retryAfter: 3 })),
    };
    expect(await post({ directory })).toMatchObject({ ...busy, http: 503, after: "3" });
    const broken = { ...deps.directory, resolve: () => Promise.reject(new TypeError("at 0x1234")) };
    expect(await post({ directory: broken })).toMatchObject({
      http: 500,
      failInfo: ["systemFailure"],
      text: "internal error; try again later",
    });
    expect(peer.house.reported.splice(0)).toHaveLength(1);
  });

  it("a path without a label is the default endpoint's; a disabled protocol has none", async () => {
    await using house = await openPeer();
    await house.endpoint("main", { default: true });
    await house.endpoint("no-cmp", { protocols: ["est"] });
    const credential = await house.credential({ endpoint: "main" });
    const answered = await house.send(ir({ protection: credential }), "/.well-known/cmp");
    expect(issuedBy(answered).length).toBeGreaterThan(300);
    expect(
      issuedBy(await house.send(ir({ protection: credential }), "/.well-known/cmp/initialization")).length,
    ).toBeGreaterThan(300);
    const { status } = await house.post(await pkiMessage(ir({ protection: credential })), "/.well-known/cmp/p/no-cmp");
    expect(status).toBe(404);
  });

  it("a path with an operation takes the messages of that operation", async () => {
    const at = async (operation: string, spec: RequestSpec) =>
      errorOf(await peer.send(spec, `${plant}/${operation}`)).failInfo?.[0];
    expect(await at("initialization", ir())).toBeUndefined();
    expect(await at("certification", ir({ type: "cr" }))).toBeUndefined();
    expect(await at("pkcs10", { type: "p10cr", content: newCsr(name), protection })).toBeUndefined();
    for (const operation of ["certification", "keyupdate", "pkcs10", "revocation", "getcacerts", "nested"])
      expect(await at(operation, ir()), operation).toBe("badRequest");
    const genm = (...types: readonly Uint8Array[]): RequestSpec => ({
      type: "genm",
      content: sequence(...types),
      protection,
    });
    expect((await peer.send(genm(infoTypeDer("caCerts")), `${plant}/getcacerts`)).message.type).toBe("genp");
    expect(await at("getcacerts", genm(infoTypeDer("rootCaCert")))).toBe("badRequest");
    expect(await at("getcacerts", genm())).toBe("badRequest");
  });

  it("every request is counted by its type and what became of it", async () => {
    await peer.send(ir());
    await peer.send(ir({ protection: undefined }));
    const all = peer.house.deps.protocolRequests.all().map(([{ operation, decision }]) => `${operation} ${decision}`);
    expect(all).toEqual(expect.arrayContaining(["ir allow", "ir deny", "unknown deny"]));
  });
});

describe("rr", () => {
  async function enrolled(by: Protection = protection) {
    const key = newClientKey();
    const der = issuedBy(await peer.send(ir({ protection: by }, key)));
    const { issuerDer, serialHex } = parseCertificate(der);
    const template = certTemplate({ issuer: issuerDer, serial: Buffer.from(serialHex, "hex") });
    return { der, template, serialHex, own: signedBy(key, der) };
  }
  const rr = (template: Uint8Array, by: Protection, ...extensions: readonly Uint8Array[]): RequestSpec => ({
    type: "rr",
    content: sequence(sequence(template, ...(extensions.length === 0 ? [] : [sequence(...extensions)]))),
    protection: by,
  });
  const reason = (code: number) => extension(oids.reasonCode, false, enumerated(code));
  /** Status of a RevRepContent. */
  const outcome = ({ message }: Answered) => {
    if (message.type === "error") return parseErrorContent(message.content);
    const status = message.content.children()[0]?.children()[0];
    if (status === undefined) throw new Error("no status");
    return parseStatusInfo(status);
  };
  const stateOf = async (serial: string) => {
    const { items } = await peer.house.deps.log.list(peer.tenant, "certificate", { limit: 1000 });
    return items.find(({ state }) => state.serial === serial)?.state;
  };

  it("by the certificate itself, with its reason; sent again it is answered again, asked anew it is certRevoked", async () => {
    const { template, serialHex, own } = await enrolled();
    const answered = await peer.send(rr(template, own, reason(1)));
    expect(outcome(answered)).toEqual({ status: "accepted" });
    expect(await stateOf(serialHex)).toMatchObject({ status: "revoked", reason: "keyCompromise" });
    expect(outcome(await peer.send(rr(template, protection)))).toMatchObject({ failInfo: ["certRevoked"] });
  });

  it("by a credential for its names, repeatable; by no other", async () => {
    const { template, serialHex, own } = await enrolled();
    const refused = async (spec: RequestSpec) => outcome(await peer.send(spec)).failInfo?.[0];
    const stranger = await enrolled();
    expect(await refused(rr(template, stranger.own))).toBe("notAuthorized");
    // A credential for any name is no licence to revoke what others were given.
    expect(await refused(rr(template, await peer.credential()))).toBe("notAuthorized");
    expect(await refused(rr(template, await peer.credential({ names: ["other.example.test"] })))).toBe("notAuthorized");
    await peer.endpoint("apart");
    const elsewhere = await peer.send(
      rr(template, await peer.credential({ endpoint: "apart" })),
      "/.well-known/cmp/p/apart",
    );
    expect(outcome(elsewhere).failInfo).toEqual(["notAuthorized"]);
    expect(await stateOf(serialHex)).toMatchObject({ status: "active" });
    const first = await peer.send(rr(template, await peer.credential({ names: [name] })));
    expect(outcome(first)).toEqual({ status: "accepted" });
    expect(outcome(await peer.post(first.request.der))).toEqual({ status: "accepted" });
    // What was answered under its transactionID is the answer to that request alone.
    const { transactionId } = first.request.header;
    const mine = await peer.credential({ names: [name] });
    const begun = await peer.send({ ...rr(stranger.template, mine), header: { transactionId } });
    expect(outcome(begun)).toEqual({ status: "accepted" });
    const third = await enrolled();
    const reused = await peer.send({ ...rr(third.template, mine), header: { transactionId } });
    expect(outcome(reused).failInfo).toEqual(["transactionIdInUse"]);
    expect(await stateOf(third.serialHex)).toMatchObject({ status: "active" });
    expect(errorOf(await peer.send(rr(template, own))).failInfo).toEqual(["signerNotTrusted"]);
  });

  it("what it does not serve", async () => {
    const { template, der, own, serialHex } = await enrolled();
    const refused = async (spec: RequestSpec) => outcome(await peer.send(spec)).failInfo?.[0];
    const { issuerDer } = parseCertificate(der);
    expect(await refused(rr(certTemplate({ issuer: issuerDer }), own))).toBe("addInfoNotAvailable");
    expect(await refused(rr(certTemplate({ issuer: issuerDer, serial: Uint8Array.of(9) }), protection))).toBe(
      "badCertId",
    );
    expect(await refused(rr(template, own, reason(8)))).toBe("badRequest");
    expect(await refused(rr(template, own, reason(6)))).toBe("badRequest");
    const date = extension(oids.invalidityDate, false, octetString(new Uint8Array(1)));
    expect(await refused(rr(template, own, date))).toBe("unacceptedExtension");
    expect(await refused({ ...rr(template, own), content: sequence(sequence(template), sequence(template)) })).toBe(
      "badRequest",
    );
    expect(await stateOf(serialHex)).toMatchObject({ status: "active" });
  });
});

describe("genm", () => {
  const ask = async (...types: readonly Uint8Array[]) => {
    const answered = await peer.send({ type: "genm", content: sequence(...types), protection });
    expect(answered.message.type, JSON.stringify(answered.message.type === "error" && errorOf(answered))).toBe("genp");
    return parseInfoTypes(answered.message.content, "genp");
  };
  const issuer = async () => {
    const { items } = await peer.house.deps.log.list(peer.tenant, "issuer", { limit: 10 });
    const found = items.find(({ state }) => state.role === "issuing");
    if (found === undefined) throw new Error("no issuing CA");
    return { material: issuerMaterial(found.id, found.state), id: found.id };
  };

  it("caCerts, rootCaCert, certReqTemplate, and nothing", async () => {
    const [certificates] = await ask(infoTypeDer("caCerts"));
    const ders = certificates?.value?.children().map(({ raw }) => raw) ?? [];
    expect(ders.map((der) => parseCertificate(der).basicConstraints?.ca)).toEqual([true, true]);
    expect(await ask(infoTypeDer("rootCaCert", ders[1]))).toEqual([{ type: "rootCaKeyUpdate" }]);
    const wrong = await peer.send({ type: "genm", content: sequence(infoTypeDer("rootCaCert", ders[0])), protection });
    expect(errorOf(wrong).failInfo).toEqual(["badCertId"]);
    const [template] = await ask(infoTypeDer("certReqTemplate"));
    const [fields, keySpecs] = template?.value?.children() ?? [];
    expect(fields?.children().map(({ tag }) => tag)).toEqual([0xa9]);
    expect(keySpecs?.children().length).toBeGreaterThan(3);
    expect(await ask()).toEqual([]);
  });

  it("crls: by distribution point and by issuer, only newer ones", async () => {
    const { material } = await issuer();
    const point = explicit(0, explicit(0, ia5String(material.crlUrl(0), 0x86)));
    const byName = explicit(1, sequence(directoryName(material.subjectDer)));
    const list = (source: Uint8Array, since?: number) =>
      infoTypeDer(
        "crlStatusList",
        sequence(sequence(source, ...(since === undefined ? [] : [utcOrGeneralizedTime(since)]))),
      );
    for (const source of [point, byName]) {
      const [found] = await ask(list(source));
      const [crl] = found?.value?.children() ?? [];
      expect(parseCertificateList(crl?.raw ?? new Uint8Array()).number).toBeGreaterThan(0n);
      expect(await ask(list(source, peer.house.deps.clock.now() + 1000))).toEqual([{ type: "crls" }]);
    }
    const refused = async (source: Uint8Array) =>
      errorOf(await peer.send({ type: "genm", content: sequence(list(source)), protection })).failInfo?.[0];
    expect(await refused(explicit(0, explicit(0, ia5String("http://elsewhere.example.test/crl/x/0.crl", 0x86))))).toBe(
      "badCertId",
    );
    expect(await refused(explicit(1, sequence(ia5String(name, 0x82))))).toBe("badCertId");
  });

  it("under a signature the RA answers", async () => {
    const key = newClientKey();
    const own = signedBy(key, issuedBy(await peer.send(ir({}, key))));
    for (const type of ["caCerts", "rootCaCert", "certReqTemplate"] as const) {
      const answered = await peer.send({ type: "genm", content: sequence(infoTypeDer(type)), protection: own });
      expect(answered.message.type).toBe("genp");
    }
    expect(certRep(await peer.send(ir({ protection: own }))).caPubs).toBeUndefined();
  });
});
