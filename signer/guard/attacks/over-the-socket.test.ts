/** One attack of each kind on a signer in its own process, by whoever holds the host's end of the socket (I5, DESIGN §7). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "#shared/crypto/hash";
import { keyIdentifier } from "#shared/pki/key";
import { certIdFor } from "#shared/pki/ocsp";
import type { SignRequest } from "#shared/ports/signer";
import { connectSigner, type SignerClient } from "#signer/client/signer-client";
import { explicit, null_ } from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { makeRa, type Ra, raExtensions } from "#test/signer/ra";
import { certRepMessage } from "#test/vectors/cmp-response";
import { type SignerProcess, startSignerProcess } from "#test/signer/process";
import {
  caExtensions,
  type Chain,
  day,
  dns,
  leafExtensions,
  leafSerial,
  makeChain,
  names,
  request,
  spec,
} from "#test/signer/workshop";

let signer: SignerProcess;
let client: SignerClient;
let chain: Chain;
let ra: Ra;
const clock = { now: () => Math.floor(Date.now() / 1000) * 1000 };

beforeAll(async () => {
  signer = await startSignerProcess();
  client = connectSigner(signer.socketPath);
  chain = await makeChain({ service: client, clock });
  ra = await makeRa({ service: client, clock }, chain);
  await client.generateKey(spec({ tenant: "other", handle: "theirs", purpose: "issuing-ca" }));
  await client.sign(request("crl", "ca", chain.crlTbs({ number: 5, entries: [entry("55aa"), entry("55bb")] })));
  await client.sign(request("certificate", "ca", chain.leafTbs(), { opId: "op", requestHash: "one" }));
});
afterAll(async () => {
  client.close();
  await signer[Symbol.asyncDispose]();
});

const revokedAtMs = clock.now() - day;
const entry = (serial: string) => ({ serial, revokedAtMs, reason: "superseded" as const });
const ocsp = (change: object, issuer = names.ca, spki = chain.ca.spki) =>
  chain.ocspTbs({
    responses: [
      {
        certId: certIdFor(issuer, spki, leafSerial, "sha1"),
        status: { type: "good" },
        thisUpdateMs: clock.now(),
        nextUpdateMs: clock.now() + 600_000,
        ...change,
      },
    ],
  });

/** What was written since, which must be one refusal and no signature. */
async function refusalOf(attack: () => Promise<unknown>): Promise<unknown> {
  const before = signer.entries().length;
  await attack();
  const written = signer.entries().slice(before);
  expect(written).toHaveLength(1);
  return written[0];
}

const said = (reason: RegExp) => expect.stringMatching(reason) as unknown;

type Attack = readonly [what: string, reason: RegExp, request: () => SignRequest];

describe("is refused, and stands in the journal", () => {
  const attacks: readonly Attack[] = [
    ["a bare digest", /./, () => request("certificate", "ca", sha256(chain.leafTbs()))],
    ["another tenant's key", /has no key theirs/, () => request("certificate", "theirs", chain.leafTbs())],
    ["in another tenant's name", /has no key ca/, () => request("certificate", "ca", chain.leafTbs(), { tenant: "x" })],
    [
      "a CA certificate of a leaf-issuing key",
      /does not certify CAs/,
      () => request("certificate", "ca", chain.leafTbs({ extensions: caExtensions(chain.ca.spki, chain.leafSpki, 0) })),
    ],
    [
      "a CA that may have CAs below it",
      /path length 0/,
      () =>
        request(
          "certificate",
          "root",
          chain.openTbs({ extensions: caExtensions(chain.root.spki, chain.open.spki, 1) }),
        ),
    ],
    ["a certificate of an OCSP key", /signs no certificate/, () => request("certificate", "ocsp", chain.leafTbs())],
    [
      "another issuer's name",
      /issuer name/,
      () => request("certificate", "ca", chain.leafTbs({ issuerNameDer: names.open })),
    ],
    [
      "a life beyond the key's limit",
      /outside this key's limits/,
      () => request("certificate", "ca", chain.leafTbs({ notAfterMs: clock.now() + 91 * day })),
    ],
    [
      "a name outside",
      /is outside the names/,
      () =>
        request(
          "certificate",
          "ca",
          chain.leafTbs({ extensions: leafExtensions(chain.ca.spki, chain.leafSpki, dns("www.example.org")) }),
        ),
    ],
    [
      "the CA's own key as a leaf's",
      /belongs to this signer/,
      () =>
        request(
          "certificate",
          "open",
          chain.openLeafTbs({ spki: chain.ca.spki, extensions: leafExtensions(chain.open.spki, chain.ca.spki) }),
        ),
    ],
    [
      "a serial number that was given away",
      /given away before/,
      () => request("certificate", "ca", chain.leafTbs({ serial: Buffer.from(leafSerial, "hex") })),
    ],
    [
      "a CRL number that falls",
      /does not follow 5/,
      () => request("crl", "ca", chain.crlTbs({ number: 4, entries: [entry("55aa"), entry("55bb")] })),
    ],
    [
      "a CRL entry that vanishes",
      /55bb vanished/,
      () => request("crl", "ca", chain.crlTbs({ number: 6, entries: [entry("55aa")] })),
    ],
    [
      "OCSP for a foreign issuer",
      /foreign issuer/,
      () => request("ocsp", "ocsp", ocsp({}, names.open, chain.open.spki)),
    ],
    [
      "OCSP that speaks too long",
      /times are outside/,
      () => request("ocsp", "ocsp", ocsp({ nextUpdateMs: clock.now() + 2 * day })),
    ],
    [
      "OCSP in another responder's name",
      /responder id/,
      () => request("ocsp", "ocsp", chain.ocspTbs({ responderKeyHash: keyIdentifier(chain.ca.spki) })),
    ],
    [
      "an RA certificate for a stranger's key",
      /own delegated key/,
      () =>
        request(
          "certificate",
          "ca",
          ra.raTbs({ spki: chain.leafSpki, extensions: raExtensions(chain.ca.spki, chain.leafSpki) }),
        ),
    ],
    ["a second certificate of an RA key", /has its RA certificate/, () => request("certificate", "ca", ra.raTbs())],
    ["a leaf of an RA key", /signs no certificate/, () => request("certificate", "ra", chain.leafTbs())],
    ["OCSP of an RA key", /signs no ocsp/, () => request("ocsp", "ra", chain.ocspTbs())],
    ["a reply of a CA key", /signs no cms/, () => request("cms", "ca", ra.certRep())],
    ["a bare digest as a reply", /./, () => request("cms", "ra", sha256(ra.certRep()))],
    ["a CMP message as a CertRep", /./, () => request("cms", "ra", ra.cmp())],
    ["a CMP request", /PKIBody 2 is no response/, () => request("cmp", "ra", ra.cmp(explicit(2, null_())))],
    ["a nested CMP message", /PKIBody 20 is no response/, () => request("cmp", "ra", ra.cmp(explicit(20, null_())))],
    [
      "a CMP response in the CA's own name",
      /sender is not/,
      () => request("cmp", "ra", ra.cmp(undefined, { sender: explicit(4, nameDer(commonName("Acme CA"))) })),
    ],
    [
      "a CMP response with a certificate that was never signed",
      /was never signed/,
      () => request("cmp", "ra", ra.cmp(explicit(3, certRepMessage(ra.certificate.with(20, 0x11))))),
    ],
    ["a type that there is not", /it signs no ssh/, () => request("ssh" as SignRequest["type"], "ca", chain.leafTbs())],
    [
      "the same operation for another request",
      /already signed for another request/,
      () => request("certificate", "ca", chain.leafTbs(), { opId: "op", requestHash: "two" }),
    ],
  ];
  test.each(attacks)("%s", async (_what, reason, make) => {
    const asked = make();
    const record = await refusalOf(() =>
      expect(client.sign(asked)).rejects.toMatchObject({
        code: said(/^(guard_refused|malformed)$/),
        message: said(reason),
      }),
    );
    const { tenant, handle, opId, type } = asked;
    expect(record).toMatchObject({ op: "refuse", tenant, handle, opId, type, reason: said(reason) });
  });

  test.each([
    ["by a CA key", "ca", 256, 32, /decrypts nothing/],
    ["by a key that there is not", "ra-2", 256, 32, /has no key ra-2/],
    ["of another length", "ra", 257, 32, /has 256 octets/],
    ["into all that comes out", "ra", 256, 245, /16, 24, 32 octets/],
    ["into no number of octets", "ra", 256, "32", /keyBytes must be a whole number/],
  ])("a decryption %s", async (_what, handle, length, keyBytes, reason) => {
    const record = await refusalOf(async () => {
      const asked = { method: "decrypt", tenant: "acme", handle, keyBytes };
      expect(await signer.exchange(asked, new Uint8Array(length))).toMatchObject({ ok: false, detail: said(reason) });
    });
    expect(record).toMatchObject({ op: "refuse", tenant: "acme", handle, type: "decrypt", reason: said(reason) });
  });

  test("a decryption with wrong padding is answered as any other, and not written down as a refusal", async () => {
    const contentKey = new Uint8Array(16).fill(9);
    const before = signer.entries().length;
    const asked = { tenant: "acme", handle: "ra", keyBytes: 16 };
    expect(await client.decrypt({ ...asked, ciphertext: ra.encrypted(contentKey) })).toEqual(contentKey);
    const made = await client.decrypt({ ...asked, ciphertext: new Uint8Array(256) });
    expect(made).toHaveLength(16);
    expect(await client.decrypt({ ...asked, ciphertext: new Uint8Array(256) })).toEqual(made);
    expect(
      signer
        .entries()
        .slice(before)
        .filter(({ op }) => op === "refuse"),
    ).toEqual([]);
  });

  test("other bytes under the same operation: the first ones come back, and nothing is signed", async () => {
    const before = signer.entries().length;
    const first = await client.sign(request("certificate", "ca", chain.leafTbs(), { opId: "op", requestHash: "one" }));
    expect(signer.entries()).toHaveLength(before);
    const [record] = signer.entries().filter(({ op, opId }) => op === "sign" && opId === "op");
    expect(Buffer.from(first.tbs).toString("base64")).toBe(record?.tbs);
  });

  test.each(["exportKey", "export", "privateKey", "deleteKey", "setLimits", "__proto__", "constructor", ""])(
    "the method %j",
    async (method) => {
      const record = await refusalOf(async () => {
        const asked = { method, tenant: "acme", handle: "ca" };
        expect(await signer.exchange(asked)).toMatchObject({ ok: false, code: "malformed" });
      });
      const type = method === "" ? "-" : method;
      expect(record).toMatchObject({
        op: "refuse",
        tenant: "acme",
        handle: "ca",
        type,
        reason: said(/no such method/),
      });
    },
  );

  test("a request that is none, and one that is too large", async () => {
    const asked = { method: "sign", tenant: "acme", handle: "ca", opId: ["x"] };
    const record = await refusalOf(() => signer.exchange(asked));
    expect(record).toMatchObject({ op: "refuse", opId: "(object)", type: "sign", reason: said(/opId must be/) });
    const large = await refusalOf(() =>
      signer.exchange({ ...request("crl", "ca", new Uint8Array()), method: "sign", tbs: 0 }, new Uint8Array(8_388_609)),
    );
    expect(large).toMatchObject({ op: "refuse", type: "sign", reason: said(/at most 8388608/) });
  });

  test.each([
    ["wider limits for a key", spec({ handle: "ca", purpose: "issuing-ca" }), "conflict", /exists with another/],
    [
      "a field that there is not",
      { ...spec({ handle: "new" }), extractable: true },
      "guard_refused",
      /no field extract/,
    ],
    [
      "a limit that widens",
      spec({ handle: "new", purpose: "issuing-ca", limits: { maxLeafSeconds: 400 * 86_400 } }),
      "guard_refused",
      /maxLeafSeconds is malformed or wider/,
    ],
    [
      "a rate above all",
      spec({ handle: "new", purpose: "issuing-ca", limits: { ratePerSecond: 1e6 } }),
      "guard_refused",
      /ratePerSecond is malformed or wider/,
    ],
    [
      "a responder of another tenant's CA",
      spec({ handle: "new", purpose: "ocsp", limits: { issuerHandle: "theirs" } }),
      "guard_refused",
      /has no CA key theirs/,
    ],
  ])("a key with %s", async (_what, wanted, code, reason) => {
    const record = await refusalOf(() =>
      expect(client.generateKey(wanted)).rejects.toMatchObject({ code, message: said(reason) }),
    );
    expect(record).toMatchObject({ op: "refuse", tenant: "acme", handle: wanted.handle, reason: said(reason) });
  });
});
