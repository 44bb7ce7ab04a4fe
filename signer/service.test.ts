/** The guard through the front door, with real keys: what a taken-over front would try (I5). */
import { ECDH } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256, sha256Hex } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { concat, sameBytes } from "#shared/kernel/bytes";
import { buildTbsCertificate, parseTbsCertificate, type TbsSpec } from "#shared/pki/certificate";
import { buildTbsCertList, parseTbsCertList } from "#shared/pki/crl";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  extKeyUsage,
  keyUsage,
  nameConstraints,
} from "#shared/pki/extensions";
import { null_ } from "#shared/pki/der/writer";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { certIdFor } from "#shared/pki/ocsp";
import type { Signed, SignedType, SignRequest } from "#shared/ports/signer";
import {
  caExtensions,
  type Chain,
  crlUrl,
  revocationBaseUrl,
  everyAddress,
  day,
  dns,
  expectRefused,
  leafExtensions,
  makeChain,
  names,
  openWorkshop,
  request,
  spec,
  start,
  type Workshop,
} from "#test/signer/workshop";

let workshop: Workshop;
let chain: Chain;

beforeAll(async () => {
  workshop = await openWorkshop();
  chain = await makeChain(workshop);
  await workshop.service.generateKey(spec({ tenant: "other" }));
  await workshop.service.generateKey(spec({ tenant: "other", handle: "theirs", purpose: "issuing-ca" }));
  await workshop.service.generateKey(spec({ handle: "ocsp2", purpose: "ocsp", limits: { issuerHandle: "open" } }));
  await workshop.service.generateKey(spec({ handle: "bare", purpose: "issuing-ca" }));
});
afterAll(() => workshop[Symbol.asyncDispose]());

const sameSigned = (a: Signed, b: Signed | undefined): boolean =>
  b !== undefined && sameBytes(a.tbs, b.tbs) && sameBytes(a.signature, b.signature);

const handleKey = async (handle: string, tenant = "acme"): Promise<Uint8Array> => {
  const entry = workshop
    .entries()
    .find((one) => one.op === "generate" && one.tenant === tenant && one.handle === handle);
  return new Uint8Array(Buffer.from(entry?.spki ?? "", "base64"));
};

type Change = Partial<TbsSpec>;

interface Attack {
  readonly what: string;
  readonly reason: RegExp;
  readonly code?: "guard_refused" | "malformed";
  readonly type?: SignedType;
  readonly handle: string;
  readonly over?: Partial<SignRequest>;
  readonly tbs: () => Uint8Array | Promise<Uint8Array>;
}

const hold = (attacks: readonly Attack[]): void => {
  test.each(attacks)("$what", async ({ type = "certificate", handle, over, tbs, reason, code }) => {
    const attempt = request(type, handle, await tbs(), over);
    await expectRefused(workshop, attempt, { reason, ...(code !== undefined && { code }) });
  });
};

describe("what is right is signed, and the signature verifies under the key", () => {
  test.each([
    { what: "a leaf", type: "certificate", handle: "ca", tbs: () => chain.leafTbs() },
    { what: "a leaf of the CA for any name", type: "certificate", handle: "open", tbs: () => chain.openLeafTbs() },
    {
      what: "a CRL",
      type: "crl",
      handle: "ca",
      tbs: () => chain.crlTbs({ distributionPointUrl: `${revocationBaseUrl}/first.crl` }),
    },
    { what: "an OCSP response", type: "ocsp", handle: "ocsp", tbs: () => chain.ocspTbs() },
  ] as const)("$what", async ({ type, handle, tbs }) => {
    const bytes = tbs();
    const signed = await workshop.service.sign(request(type, handle, bytes));
    expect(signed.tbs).toEqual(bytes);
    const { signature } = signed;
    const spki = await handleKey(handle);
    expect(await verifySignature({ algorithm: "ecdsa-with-SHA256", spki, data: bytes, signature })).toBe(true);
  });
});

describe("bytes", () => {
  const leaf = () => chain.leafTbs();
  hold([
    { what: "a bare digest", handle: "ca", tbs: () => sha256(leaf()), code: "malformed", reason: /./ },
    { what: "garbage", handle: "ca", tbs: () => Buffer.from("not DER at all"), code: "malformed", reason: /./ },
    { what: "nothing", handle: "ca", tbs: () => new Uint8Array(0), code: "malformed", reason: /./ },
    {
      what: "trailing bytes",
      handle: "ca",
      tbs: () => concat(leaf(), Uint8Array.of(0)),
      code: "malformed",
      reason: /./,
    },
    { what: "a TBS cut short", handle: "ca", tbs: () => leaf().subarray(0, -1), code: "malformed", reason: /./ },
    {
      what: "a CRL passed off as a certificate",
      handle: "ca",
      tbs: () => chain.crlTbs(),
      code: "malformed",
      reason: /./,
    },
    { what: "a certificate passed off as a CRL", type: "crl", handle: "ca", tbs: leaf, code: "malformed", reason: /./ },
    {
      what: "a certificate passed off as OCSP",
      type: "ocsp",
      handle: "ocsp",
      tbs: leaf,
      code: "malformed",
      reason: /./,
    },
    { what: "OCSP under a CA key", type: "ocsp", handle: "ca", tbs: () => chain.ocspTbs(), reason: /signs no ocsp/ },
    { what: "OCSP under the root", type: "ocsp", handle: "root", tbs: () => chain.ocspTbs(), reason: /signs no ocsp/ },
    { what: "a leaf under an OCSP key", handle: "ocsp", tbs: leaf, reason: /signs no certificate/ },
    { what: "a CRL under an OCSP key", type: "crl", handle: "ocsp", tbs: () => chain.crlTbs(), reason: /signs no crl/ },
    ...["hash", "toString", "__proto__", "key"].map((type) => ({
      what: `a type that there is not (${type})`,
      type: type as SignedType,
      handle: "ca",
      tbs: leaf,
      reason: /it signs no/,
    })),
  ]);
});

describe("keys", () => {
  hold([
    { what: "another tenant's handle", handle: "theirs", tbs: () => chain.leafTbs(), reason: /has no key theirs/ },
    {
      what: "in another tenant's name",
      handle: "ca",
      over: { tenant: "other" },
      tbs: () => chain.leafTbs(),
      reason: /has no key ca/,
    },
    { what: "a handle that climbs", handle: "../other/theirs", tbs: () => chain.leafTbs(), reason: /has no key/ },
    {
      what: "a tenant that climbs",
      handle: "ca",
      over: { tenant: "x/../acme" },
      tbs: () => chain.leafTbs(),
      reason: /has no key/,
    },
    {
      what: "a CA key without a certificate",
      handle: "bare",
      tbs: () => chain.leafTbs(),
      reason: /no CA certificate yet/,
    },
    {
      what: "a CRL of a CA key without one",
      type: "crl",
      handle: "bare",
      tbs: () => chain.crlTbs(),
      reason: /no CA certificate yet/,
    },
    {
      what: "an answer of a responder whose CA has none",
      type: "ocsp",
      handle: "ocsp3",
      tbs: async () => {
        await workshop.service.generateKey(
          spec({ handle: "ocsp3", purpose: "ocsp", limits: { issuerHandle: "bare" } }),
        );
        return chain.ocspTbs({ responderKeyHash: keyIdentifier(await handleKey("ocsp3")) });
      },
      reason: /has no certificate yet/,
    },
  ]);

  test.each([
    { what: "an OCSP key that answers for nobody", over: { purpose: "ocsp" }, reason: /names the CA key/ },
    { what: "a CA key that answers for one", over: { limits: { issuerHandle: "ca" } }, reason: /names the CA key/ },
    {
      what: "an OCSP key for another tenant's CA",
      over: { purpose: "ocsp", limits: { issuerHandle: "theirs" } },
      reason: /has no CA key/,
    },
    { what: "a handle that climbs", over: { handle: "../x" }, reason: /a handle is/ },
    { what: "a tenant that climbs", over: { tenant: ".." }, reason: /tenant id is malformed/ },
    { what: "an algorithm that is not served", over: { algorithm: "P-224" }, reason: /not served/ },
    { what: "an algorithm of the prototype", over: { algorithm: "constructor" }, reason: /not served/ },
    { what: "a purpose that is not served", over: { purpose: "generic" }, reason: /not served/ },
  ])("no key is made for $what", async ({ over, reason }) => {
    const wanted = { ...spec({ handle: "fresh" }), ...over } as ReturnType<typeof spec>;
    await expect(workshop.service.generateKey(wanted)).rejects.toMatchObject({
      code: "guard_refused",
      message: expect.stringMatching(reason) as unknown,
    });
  });

  test("making a key again gives the same one; with another spec it is a conflict", async () => {
    const made = await workshop.service.generateKey(spec({ handle: "twice", purpose: "issuing-ca" }));
    expect(await workshop.service.generateKey(spec({ handle: "twice", purpose: "issuing-ca" }))).toEqual(made);
    for (const other of [
      spec({ handle: "twice" }),
      spec({ handle: "twice", purpose: "issuing-ca", limits: { maxLeafSeconds: 1 } }),
      spec({ handle: "twice", purpose: "issuing-ca", algorithm: "P-384" }),
    ])
      await expect(workshop.service.generateKey(other)).rejects.toMatchObject({ code: "conflict" });
  });

  test("twenty at once make one key; a different spec among them loses", async () => {
    const wanted = spec({ handle: "rush", purpose: "issuing-ca" });
    const made = await Promise.all(Array.from({ length: 20 }, () => workshop.service.generateKey(wanted)));
    expect(new Set(made.map(({ spki }) => sha256Hex(spki))).size).toBe(1);
    expect(workshop.entries().filter(({ op, handle }) => op === "generate" && handle === "rush")).toHaveLength(1);
    const racing = await Promise.allSettled([
      workshop.service.generateKey(spec({ handle: "race", purpose: "issuing-ca" })),
      workshop.service.generateKey(spec({ handle: "race" })),
    ]);
    expect(racing.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("leaves", () => {
  const leaf = (change: Change) => () => chain.leafTbs(change);
  const extended = (more: (chain: Chain) => Uint8Array[]) => () =>
    chain.leafTbs({ extensions: [...leafExtensions(chain.ca.spki, chain.leafSpki), ...more(chain)] });
  const named =
    (...sans: Parameters<typeof leafExtensions>[2] & object) =>
    () =>
      chain.leafTbs({ extensions: leafExtensions(chain.ca.spki, chain.leafSpki, sans) });
  const without =
    (at: number, ...instead: Uint8Array[]) =>
    () => {
      const extensions = leafExtensions(chain.ca.spki, chain.leafSpki);
      extensions.splice(at, 1, ...instead);
      return chain.leafTbs({ extensions });
    };
  hold([
    {
      what: "a CA certificate from a leaf-issuing key",
      handle: "ca",
      tbs: () => chain.leafTbs({ extensions: caExtensions(chain.ca.spki, chain.leafSpki, 0) }),
      reason: /does not certify CAs/,
    },
    {
      what: "cA without the key usages",
      handle: "ca",
      tbs: without(5, basicConstraints(true)),
      reason: /does not certify CAs/,
    },
    {
      what: "keyCertSign without cA",
      handle: "ca",
      tbs: without(2, keyUsage(["digitalSignature", "keyCertSign"])),
      reason: /must not sign/,
    },
    { what: "cRLSign", handle: "ca", tbs: without(2, keyUsage(["cRLSign"])), reason: /must not sign/ },
    { what: "no extended key usage", handle: "ca", tbs: without(3), reason: /extended key usages/ },
    {
      what: "any extended key usage",
      handle: "ca",
      tbs: without(3, extKeyUsage(["2.5.29.37.0"])),
      reason: /anyExtendedKeyUsage/,
    },
    { what: "no authority key identifier", handle: "ca", tbs: without(0), reason: /authority key identifier/ },
    {
      what: "another authority key identifier",
      handle: "ca",
      tbs: () => without(0, authorityKeyIdentifier(keyIdentifier(chain.open.spki)))(),
      reason: /authority key identifier/,
    },
    { what: "a foreign issuer name", handle: "ca", tbs: leaf({ issuerNameDer: names.open }), reason: /issuer name/ },
    {
      what: "the same issuer name in another encoding",
      handle: "ca",
      tbs: leaf({
        issuerNameDer: nameDer([[{ ...commonName("Acme CA")[0]?.[0], type: "CN", value: "acme ca" }]] as never),
      }),
      reason: /issuer name/,
    },
    {
      what: "a longer life than the key's limit",
      handle: "ca",
      tbs: leaf({ notAfterMs: start + 91 * day }),
      reason: /outside this key's limits/,
    },
    {
      what: "a longer life than the CA's",
      handle: "open",
      tbs: () => chain.openLeafTbs({ notAfterMs: start + 100 * day + 1000 }),
      reason: /outlive its issuer/,
    },
    {
      what: "backdated by more than a day",
      handle: "ca",
      tbs: leaf({ notBeforeMs: start - day - 1000 }),
      reason: /24 hours back/,
    },
    { what: "from the future", handle: "ca", tbs: leaf({ notBeforeMs: start + 3_601_000 }), reason: /in the future/ },
    {
      what: "over before it begins",
      handle: "ca",
      tbs: leaf({ notBeforeMs: start, notAfterMs: start }),
      reason: /not after notBefore/,
    },
    {
      what: "for ever",
      handle: "ca",
      tbs: leaf({ notAfterMs: Date.UTC(9999, 11, 31, 23, 59, 59) }),
      reason: /outlive its issuer/,
    },
    {
      what: "a short serial number",
      handle: "ca",
      tbs: leaf({ serial: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) }),
      reason: /64 bits/,
    },
    {
      what: "serial number 1 behind zeros",
      handle: "ca",
      tbs: leaf({ serial: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1) }),
      reason: /64 bits/,
    },
    {
      what: "another algorithm",
      handle: "ca",
      tbs: leaf({ signatureAlgorithm: "ecdsa-with-SHA384" }),
      reason: /the key signs/,
    },
    {
      what: "an unknown extension",
      handle: "ca",
      tbs: extended(() => [extension("1.2.3.4.5", false, null_())]),
      reason: /1\.2\.3\.4\.5 is not on the list/,
    },
    {
      what: "an unknown critical extension",
      handle: "ca",
      tbs: extended(() => [extension("1.2.3.4.5", true, null_())]),
      reason: /is not on the list/,
    },
    {
      what: "name constraints in a leaf",
      handle: "ca",
      tbs: extended(() => [nameConstraints({ permitted: dns("x.test") })]),
      reason: /is not on the list/,
    },
    {
      what: "an extension twice",
      handle: "ca",
      tbs: extended(() => [basicConstraints(false)]),
      code: "malformed",
      reason: /twice/,
    },
    {
      what: "a DNS name outside",
      handle: "ca",
      tbs: named(...dns("www.example.test", "www.example.org")),
      reason: /www\.example\.org is outside/,
    },
    {
      what: "a DNS name that only ends alike",
      handle: "ca",
      tbs: named(...dns("notexample.test")),
      reason: /is outside/,
    },
    { what: "a wildcard above", handle: "ca", tbs: named(...dns("*.test")), reason: /is outside/ },
    {
      what: "an IP address",
      handle: "ca",
      tbs: named({ type: "ip", value: "10.0.0.1" }),
      reason: /DNS names only, not ip/,
    },
    {
      what: "an e-mail address",
      handle: "ca",
      tbs: named({ type: "email", value: "a@example.test" }),
      reason: /DNS names only, not email/,
    },
    {
      what: "a URI",
      handle: "ca",
      tbs: named({ type: "uri", value: "https://example.test/" }),
      reason: /DNS names only, not uri/,
    },
    {
      what: "a common name outside",
      handle: "ca",
      tbs: leaf({ subjectNameDer: nameDer(commonName("www.example.org")) }),
      reason: /common name www\.example\.org/,
    },
    {
      what: "a second common name outside",
      handle: "ca",
      tbs: leaf({ subjectNameDer: nameDer([...commonName("www.example.test"), ...commonName("www.example.org")]) }),
      reason: /common name www\.example\.org/,
    },
    {
      what: "OCSPSigning for a foreign key",
      handle: "ca",
      tbs: without(3, extKeyUsage(["OCSPSigning"])),
      reason: /own delegated key/,
    },
    {
      what: "OCSPSigning beside another usage",
      handle: "open",
      tbs: () =>
        chain.openLeafTbs({
          extensions: leafExtensions(chain.open.spki, chain.leafSpki, [], ["serverAuth", "OCSPSigning"]),
        }),
      reason: /own delegated key/,
    },
    {
      what: "OCSPSigning for another CA's responder",
      handle: "ca",
      tbs: async () => {
        const key = await handleKey("ocsp2");
        return chain.responderTbs({ spki: key, extensions: leafExtensions(chain.ca.spki, key, [], ["OCSPSigning"]) });
      },
      reason: /own delegated key/,
    },
    {
      what: "its responder with a further usage",
      handle: "ca",
      tbs: () =>
        chain.responderTbs({
          extensions: leafExtensions(chain.ca.spki, chain.ocsp.spki, [], ["OCSPSigning", "serverAuth"]),
        }),
      reason: /no other usage/,
    },
    ...(["root", "ca", "open", "ocsp"] as const).map((which) => ({
      what: `the signer's own ${which} key as a leaf's`,
      handle: "open",
      tbs: () => {
        const { spki } = chain[which];
        return chain.openLeafTbs({ spki, extensions: leafExtensions(chain.open.spki, spki, dns("anything.test")) });
      },
      reason: /belongs to this signer/,
    })),
    {
      what: "another tenant's key as a leaf's",
      handle: "open",
      tbs: async () => {
        const spki = await handleKey("theirs", "other");
        return chain.openLeafTbs({ spki, extensions: leafExtensions(chain.open.spki, spki, dns("anything.test")) });
      },
      reason: /belongs to this signer/,
    },
    {
      what: "the signer's own key in another encoding",
      handle: "open",
      tbs: () => {
        const { spki } = chain.ca;
        const point = ECDH.convertKey(spki.subarray(-65), "prime256v1", undefined, undefined, "compressed") as Buffer;
        const header = Uint8Array.from(spki.subarray(0, -65));
        header[1] = (header[1] as number) - 32; // SEQUENCE
        header[24] = 34; // BIT STRING
        return chain.openLeafTbs({ spki: concat(header, point) });
      },
      code: "malformed" as const,
      reason: /uncompressed/,
    },
  ]);
});

describe("CA certificates", () => {
  const ca = (change: Change) => () => chain.caTbs(change);
  const withCa = (extensions: (root: Uint8Array, key: Uint8Array) => Uint8Array[]) => () =>
    chain.caTbs({ extensions: extensions(chain.root.spki, chain.ca.spki) });
  hold([
    {
      what: "a leaf under the root",
      handle: "root",
      tbs: () =>
        chain.leafTbs({ issuerNameDer: names.root, extensions: leafExtensions(chain.root.spki, chain.leafSpki) }),
      reason: /only CA keys that this signer holds/,
    },
    {
      what: "a CA over a foreign key",
      handle: "root",
      tbs: () => chain.caTbs({ spki: chain.leafSpki, extensions: caExtensions(chain.root.spki, chain.leafSpki, 0) }),
      reason: /only CA keys that this signer holds/,
    },
    {
      what: "a CA over another tenant's key",
      handle: "root",
      tbs: async () => {
        const spki = await handleKey("theirs", "other");
        return chain.caTbs({ spki, extensions: caExtensions(chain.root.spki, spki, 0) });
      },
      reason: /for the same tenant/,
    },
    {
      what: "a CA over its responder's key",
      handle: "root",
      tbs: () => chain.caTbs({ spki: chain.ocsp.spki, extensions: caExtensions(chain.root.spki, chain.ocsp.spki, 0) }),
      reason: /does not certify CAs/,
    },
    {
      what: "no path length",
      handle: "root",
      tbs: withCa((root, key) => caExtensions(root, key, undefined, ["example.test"])),
      reason: /path length 0/,
    },
    {
      what: "path length 1",
      handle: "root",
      tbs: withCa((root, key) => caExtensions(root, key, 1, ["example.test"])),
      reason: /path length 0/,
    },
    {
      what: "without the name constraints of the key",
      handle: "root",
      tbs: withCa((root, key) => caExtensions(root, key, 0)),
      reason: /name constraints/,
    },
    {
      what: "with wider name constraints",
      handle: "root",
      tbs: withCa((root, key) => caExtensions(root, key, 0, ["example.test", "example.org"])),
      reason: /name constraints/,
    },
    {
      what: "with other name constraints",
      handle: "root",
      tbs: withCa((root, key) => caExtensions(root, key, 0, ["test"])),
      reason: /name constraints/,
    },
    {
      what: "name constraints that are not critical",
      handle: "root",
      tbs: withCa((root, key) => {
        const critical = nameConstraints({ permitted: dns("example.test"), excluded: everyAddress });
        // The BOOLEAN TRUE after the OID goes.
        const relaxed = concat(
          Uint8Array.of(0x30, (critical[1] as number) - 3),
          critical.subarray(2, 7),
          critical.subarray(10),
        );
        return [...caExtensions(root, key, 0), relaxed];
      }),
      reason: /must be critical/,
    },
    {
      what: "a further key usage",
      handle: "root",
      tbs: withCa((root, key) => [
        ...caExtensions(root, key, 0, ["example.test"]).filter((_, at) => at !== 1),
        keyUsage(["keyCertSign", "cRLSign", "digitalSignature"]),
      ]),
      reason: /no other/,
    },
    {
      what: "no cRLSign",
      handle: "root",
      tbs: withCa((root, key) => [
        ...caExtensions(root, key, 0, ["example.test"]).filter((_, at) => at !== 1),
        keyUsage(["keyCertSign"]),
      ]),
      reason: /no other/,
    },
    {
      what: "an extended key usage",
      handle: "root",
      tbs: withCa((root, key) => [...caExtensions(root, key, 0, ["example.test"]), extKeyUsage(["serverAuth"])]),
      reason: /no extended key usage/,
    },
    {
      what: "a life beyond the root's",
      handle: "root",
      tbs: ca({ notAfterMs: start + 3651 * day }),
      reason: /outlive its issuer/,
    },
    {
      what: "another name for a bound key",
      handle: "root",
      tbs: ca({ subjectNameDer: names.open }),
      reason: /bound to another CA name/,
    },
    {
      what: "no subject",
      handle: "root",
      tbs: () => chain.caTbs({ subjectNameDer: nameDer([]) }),
      reason: /bound to another CA name|must have a subject/,
    },
    {
      what: "a second self-signed root with another name",
      handle: "root",
      tbs: () => chain.rootTbs({ issuerNameDer: names.open, subjectNameDer: names.open }),
      reason: /bound to another CA name/,
    },
    {
      what: "the root's key under another issuer",
      handle: "root",
      tbs: () => chain.rootTbs({ issuerNameDer: names.ca }),
      reason: /name itself as issuer/,
    },
    {
      what: "the root's key without cA",
      handle: "root",
      tbs: () => chain.rootTbs({ extensions: leafExtensions(chain.root.spki, chain.root.spki) }),
      reason: /critical basicConstraints/,
    },
    {
      what: "a root of a hundred years",
      handle: "root",
      tbs: () => chain.rootTbs({ notAfterMs: start + 36_500 * day }),
      reason: /outside this key's limits/,
    },
    {
      what: "the CA signing itself",
      handle: "ca",
      tbs: () =>
        chain.caTbs({
          issuerNameDer: names.ca,
          extensions: caExtensions(chain.ca.spki, chain.ca.spki, 0, ["example.test"]),
        }),
      reason: /not on the list|does not certify CAs/,
    },
  ]);

  test("a root signs itself once, and remembers it", async () => {
    const again = () => request("certificate", "root", chain.rootTbs());
    await expectRefused(workshop, again(), { reason: /signed itself already/ });
    await workshop.restart();
    await expectRefused(workshop, again(), { reason: /signed itself already/ });
  });
});

describe("CRLs", () => {
  const revoked = (...serials: string[]) =>
    serials.map((serial) => ({ serial, revokedAtMs: start, reason: "unspecified" as const }));
  beforeAll(async () => {
    await workshop.service.sign(request("crl", "ca", chain.crlTbs({ number: 5, entries: revoked("55aa", "55bb") })));
  });
  const crl = (change: Parameters<Chain["crlTbs"]>[0]) => () =>
    chain.crlTbs({ number: 6, entries: revoked("55aa", "55bb", "55cc"), ...change });
  const attacks: Omit<Attack, "handle" | "type">[] = [
    { what: "a number that falls", tbs: crl({ number: 4 }), reason: /number 4 does not follow 5/ },
    { what: "a number that repeats", tbs: crl({ number: 5 }), reason: /number 5 does not follow 5/ },
    { what: "number 0", tbs: crl({ number: 0 }), reason: /does not follow/ },
    {
      what: "an entry that vanishes",
      tbs: crl({ entries: revoked("55aa", "55cc") }),
      reason: /entry of certificate 55bb vanished/,
    },
    { what: "no entries at all", tbs: crl({ entries: [] }), reason: /vanished/ },
    { what: "a foreign issuer", tbs: crl({ issuerNameDer: names.open }), reason: /issuer is not this key's CA/ },
    {
      what: "a foreign key identifier",
      tbs: () => crl({ authorityKeyId: keyIdentifier(chain.open.spki) })(),
      reason: /not this key's/,
    },
    { what: "a delta", tbs: crl({ baseCrlNumber: 5 }), reason: /delta/ },
    { what: "another algorithm", tbs: crl({ signatureAlgorithm: "Ed25519" }), reason: /the key signs/ },
    { what: "an old thisUpdate", tbs: crl({ thisUpdateMs: start - 3_601_000 }), reason: /thisUpdate is not now/ },
    { what: "a thisUpdate to come", tbs: crl({ thisUpdateMs: start + 3_601_000 }), reason: /thisUpdate is not now/ },
    { what: "a nextUpdate far away", tbs: crl({ nextUpdateMs: start + 11 * day }), reason: /nextUpdate/ },
    { what: "a nextUpdate before thisUpdate", tbs: crl({ nextUpdateMs: start - 1000 }), reason: /nextUpdate/ },
  ];
  hold(attacks.map((attack) => ({ ...attack, type: "crl", handle: "ca" })));

  test("no distribution point", async () => {
    const { distributionPointUrl: _, ...bare } = parseForRebuild();
    await expectRefused(workshop, request("crl", "ca", buildTbsCertList(bare)), { reason: /distribution point/ });
  });

  const parseForRebuild = () => ({
    signatureAlgorithm: "ecdsa-with-SHA256" as const,
    issuerNameDer: names.ca,
    thisUpdateMs: start,
    nextUpdateMs: start + day,
    number: 9,
    authorityKeyId: keyIdentifier(chain.ca.spki),
    distributionPointUrl: crlUrl,
    entries: revoked("55aa", "55bb"),
  });

  test("two with the same number at once: one is signed", async () => {
    const attempts = await Promise.allSettled(
      [1, 2, 3].map(() => workshop.service.sign(request("crl", "ca", crl({ number: 7 })()))),
    );
    expect(attempts.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("the guard still knows numbers and entries after a restart", async () => {
    const signed = await workshop.service.sign(request("crl", "ca", crl({ number: 20 })()));
    expect(parseTbsCertList(signed.tbs).entries).toHaveLength(3);
    await workshop.restart();
    await expectRefused(workshop, request("crl", "ca", crl({ number: 20 })()), { reason: /does not follow 20/ });
    await expectRefused(workshop, request("crl", "ca", crl({ number: 21, entries: revoked("55aa") })()), {
      reason: /vanished/,
    });
    await expectRefused(
      workshop,
      request("certificate", "root", chain.rootTbs({ issuerNameDer: names.open, subjectNameDer: names.open })),
      { reason: /bound to another CA name/ },
    );
    await expectRefused(workshop, request("certificate", "root", chain.caTbs({ subjectNameDer: names.open })), {
      reason: /bound to another CA name/,
    });
    expect(await workshop.service.sign(request("certificate", "ca", chain.leafTbs()))).toBeDefined();
    expect(await workshop.service.sign(request("ocsp", "ocsp", chain.ocspTbs()))).toBeDefined();
  });
});

describe("OCSP", () => {
  const single = (issuer: Uint8Array, spki: Uint8Array, change: object = {}) => ({
    certId: certIdFor(issuer, spki, "550f", "sha1"),
    status: { type: "good" as const },
    thisUpdateMs: start,
    nextUpdateMs: start + 600_000,
    ...change,
  });
  const attacks: Omit<Attack, "handle" | "type">[] = [
    {
      what: "for a foreign issuer",
      tbs: () => chain.ocspTbs({ responses: [single(names.open, chain.open.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "for a foreign issuer beside its own",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki), single(names.open, chain.open.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "for a foreign name with its own key",
      tbs: () => chain.ocspTbs({ responses: [single(names.open, chain.ca.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "with another responder id",
      tbs: () => chain.ocspTbs({ responderKeyHash: keyIdentifier(chain.ca.spki) }),
      reason: /responder id/,
    },
    {
      what: "produced over an hour ago",
      tbs: () => chain.ocspTbs({ producedAtMs: start - 3_601_000 }),
      reason: /producedAt is not now/,
    },
    {
      what: "produced in an hour's time",
      tbs: () => chain.ocspTbs({ producedAtMs: start + 3_601_000 }),
      reason: /producedAt is not now/,
    },
    {
      what: "good for a year",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki, { nextUpdateMs: start + 365 * day })] }),
      reason: /times are outside/,
    },
    {
      what: "good from tomorrow",
      tbs: () =>
        chain.ocspTbs({
          responses: [single(names.ca, chain.ca.spki, { thisUpdateMs: start + day, nextUpdateMs: start + 2 * day })],
        }),
      reason: /times are outside/,
    },
    {
      what: "over before it begins",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki, { nextUpdateMs: start - 1000 })] }),
      reason: /times are outside/,
    },
  ];
  hold(attacks.map((attack) => ({ ...attack, type: "ocsp", handle: "ocsp" })));

  test("answers are journalled as totals, with a digest over all of them", async () => {
    const before = workshop.entries().length;
    for (let n = 0; n < 7; n++) await workshop.service.sign(request("ocsp", "ocsp", chain.ocspTbs(), { opId: "-" }));
    await workshop.service.flush();
    const written = workshop.entries().slice(before);
    expect(written.every(({ op }) => op === "batch")).toBe(true);
    expect(written.reduce((sum, { count = 0 }) => sum + count, 0)).toBeGreaterThanOrEqual(7);
    await workshop.service.flush();
    expect(workshop.entries()).toHaveLength(before + written.length);
  });
});

describe("one operation, one signature", () => {
  const signs = (opId: string): number =>
    workshop.entries().filter((one) => one.op === "sign" && one.opId === opId).length;

  test("fifty at once get one and the same, with one record", async () => {
    const opId = "rush-1";
    const requestHash = sha256Hex("the request");
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash })),
      ),
    );
    expect(new Set(answers.map(({ tbs, signature }) => `${sha256Hex(tbs)} ${sha256Hex(signature)}`)).size).toBe(1);
    expect(signs(opId)).toBe(1);
    await workshop.restart();
    const [first] = answers;
    const again = await workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash }));
    expect(sameSigned(again, first)).toBe(true);
    expect(parseTbsCertificate(again.tbs).serialHex).toBe(
      parseTbsCertificate(first?.tbs ?? new Uint8Array()).serialHex,
    );
    expect(signs(opId)).toBe(1);
    for (const other of [sha256Hex("another request"), ""]) {
      await expectRefused(workshop, request("certificate", "ca", chain.leafTbs(), { opId, requestHash: other }), {
        reason: /already signed for another request/,
      });
    }
  });

  test("the same opId of another tenant is another operation", async () => {
    const opId = "shared-name";
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" }));
    await expectRefused(
      workshop,
      request("certificate", "root", chain.leafTbs(), { opId, requestHash: "bb", tenant: "other" }),
      {
        reason: /./,
      },
    );
  });

  test("the same opId with another key gives back what was signed, never a second signature", async () => {
    const opId = "other-key";
    const first = await workshop.service.sign(
      request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" }),
    );
    const other = request("certificate", "open", chain.openLeafTbs(), { opId, requestHash: "aa" });
    expect(sameSigned(await workshop.service.sign(other), first)).toBe(true);
    expect(signs(opId)).toBe(1);
  });

  test("a refused operation may be tried again with right bytes", async () => {
    const opId = "second-try";
    await expectRefused(workshop, request("certificate", "ca", sha256("x"), { opId, requestHash: "aa" }), {
      reason: /./,
      code: "malformed",
    });
    await expect(
      workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" })),
    ).resolves.toBeDefined();
  });
});

describe("the ceiling of a key", () => {
  test("above its rate nothing is signed until the next second; other keys go on", async () => {
    await workshop.service.generateKey(
      spec({ handle: "slow", purpose: "issuing-ca", limits: { ratePerSecond: 3, revocationBaseUrl } }),
    );
    const slow = await handleKey("slow");
    const slowName = nameDer(commonName("Slow CA"));
    await workshop.service.sign(
      request(
        "certificate",
        "root",
        chain.openTbs({ spki: slow, subjectNameDer: slowName, extensions: caExtensions(chain.root.spki, slow, 0) }),
      ),
    );
    const leaf = () =>
      request(
        "certificate",
        "slow",
        chain.openLeafTbs({ issuerNameDer: slowName, extensions: leafExtensions(slow, chain.leafSpki) }),
      );
    for (let n = 0; n < 3; n++) await workshop.service.sign(leaf());
    const refused = leaf();
    const before = workshop.entries().length;
    for (let n = 0; n < 5; n++)
      await expect(workshop.service.sign(refused)).rejects.toMatchObject({
        code: "overloaded",
        retryAfter: 1,
        message: expect.stringMatching(/3 signatures a second/) as unknown,
      });
    expect(workshop.entries()).toHaveLength(before);
    await workshop.service.flush();
    const shed = workshop
      .entries()
      .filter(({ op, handle, count }) => op === "refuse" && handle === "slow" && count === 5);
    expect(shed).toHaveLength(1);
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs()));
    workshop.clock.advance(1000);
    await expect(workshop.service.sign(refused)).resolves.toBeDefined();
    workshop.clock.advance(-1000);
  });
});

describe("a key that cannot be opened", () => {
  test("fails the calls that need it and nothing else, also where nobody asks a second time", async () => {
    await using own = await openWorkshop();
    const made = await makeChain(own);
    await own.restart();
    chmodSync(join(own.directory, "keys", "acme", "ca.json"), 0o644);
    rmSync(join(own.directory, "keys", "acme", "ocsp.json"));
    const leaf = request("certificate", "ca", made.leafTbs());
    await expect(own.service.sign(leaf)).rejects.toMatchObject({ code: "corrupt" });
    await expect(own.service.sign(request("ocsp", "ocsp", made.ocspTbs()))).rejects.toMatchObject({ code: "corrupt" });
    await expect(own.service.sign(request("certificate", "open", made.openLeafTbs()))).resolves.toBeDefined();
    chmodSync(join(own.directory, "keys", "acme", "ca.json"), 0o600);
    await expect(own.service.sign(leaf)).resolves.toBeDefined();
    // A promise that nobody waits for would end the process here.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a start after a crash", () => {
  test("what passed the guard at its last moment passes at the start too", async () => {
    // Each look at the clock is a millisecond later: between the decision and the record time goes on.
    await using ticking = await openWorkshop({ tickMs: 1 });
    const own = await makeChain(ticking);
    const outcomes: string[] = [];
    for (let ahead = 0; ahead < 7; ahead++) {
      // So many looks before the bytes are exactly one hour old, the last moment at which they are signed.
      const thisUpdateMs = Math.ceil(ticking.clock.now() / 1000) * 1000;
      ticking.clock.advance(thisUpdateMs + 3_600_000 - ahead - ticking.clock.now());
      const tbs = own.crlTbs({ number: ahead + 1, thisUpdateMs, nextUpdateMs: thisUpdateMs + day });
      ticking.clock.advance(-1);
      const [{ status }] = await Promise.allSettled([ticking.service.sign(request("crl", "ca", tbs))]);
      outcomes.push(status);
    }
    expect(new Set(outcomes)).toEqual(new Set(["rejected", "fulfilled"]));
    await expect(ticking.restart()).resolves.toBeDefined();
  });

  test("CRLs that were signed at once are learnt whatever order their records stand in", async () => {
    await using own = await openWorkshop();
    const { service } = own;
    const rsa = await service.generateKey(spec({ algorithm: "RSA-2048" }));
    const rsaRoot = nameDer(commonName("RSA Root"));
    const keyId = keyIdentifier(rsa.spki);
    await service.sign(
      request(
        "certificate",
        "root",
        buildTbsCertificate({
          serial: new Uint8Array(16).fill(0x55),
          signatureAlgorithm: "sha256WithRSAEncryption",
          issuerNameDer: rsaRoot,
          subjectNameDer: rsaRoot,
          notBeforeMs: start,
          notAfterMs: start + 365 * day,
          spki: rsa.spki,
          extensions: caExtensions(rsa.spki, rsa.spki),
        }),
      ),
    );
    const crl = (number: number, entries: number) =>
      buildTbsCertList({
        signatureAlgorithm: "sha256WithRSAEncryption",
        issuerNameDer: rsaRoot,
        thisUpdateMs: start,
        nextUpdateMs: start + day,
        number,
        authorityKeyId: keyId,
        distributionPointUrl: crlUrl,
        entries: Array.from({ length: entries }, (_, n) => ({
          serial: (0x550000 + n).toString(16),
          revokedAtMs: start,
          reason: "unspecified" as const,
        })),
      });
    await Promise.all(Array.from({ length: 40 }, (_, n) => service.sign(request("crl", "root", crl(n + 1, n)))));
    await own.restart();
    await expectRefused(own, request("crl", "root", crl(40, 40)), { reason: /does not follow 40/ });
    await expectRefused(own, request("crl", "root", crl(41, 38)), { reason: /vanished/ });
    await expect(own.service.sign(request("crl", "root", crl(41, 39)))).resolves.toBeDefined();
  });

  test("whatever text a refused request held, the journal is read again", async () => {
    await using own = await openWorkshop();
    for (const text of ["a\u2028b", "a\u2029b", "a\u0085b", "a\rb", "a\nb", "\ud800", "é漢🙂"]) {
      const attempt = request("certificate", text, sha256("x"), { opId: text, tenant: text, requestHash: text });
      await expect(own.service.sign(attempt)).rejects.toMatchObject({ code: "guard_refused" });
    }
    await expect(own.restart()).resolves.toBeDefined();
    expect(await own.service.journal("a\u2028b", 0, 10)).toHaveLength(1);
  });
});

test("every refusal and every signature of this file is in the journal of the tenant, page by page", async () => {
  const records = [];
  for (let after = 0; ; ) {
    const page = await workshop.service.journal("acme", after, 7);
    records.push(...page);
    if (page.length < 7) break;
    after = page.at(-1)?.n ?? 0;
  }
  const own = workshop
    .entries()
    .map((entry, at) => ({ entry, n: at + 1 }))
    .filter(({ entry }) => entry.tenant === "acme");
  expect(records.map(({ n }) => n)).toEqual(own.map(({ n }) => n));
  expect(records.every((record) => record.tenant === "acme" && !("spec" in record))).toBe(true);
});

test("a key of every algorithm makes signatures that verify", async () => {
  await using own = await openWorkshop();
  for (const algorithm of ["P-256", "P-384", "RSA-2048", "Ed25519"] as const) {
    const handle = `root-${algorithm.toLowerCase()}`;
    const key = await own.service.generateKey(spec({ handle, algorithm }));
    const name = nameDer(commonName(handle));
    const tbs = buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x55),
      signatureAlgorithm: key.signatureAlgorithm,
      issuerNameDer: name,
      subjectNameDer: name,
      notBeforeMs: start,
      notAfterMs: start + 365 * day,
      spki: key.spki,
      extensions: caExtensions(key.spki, key.spki),
    });
    const { signature } = await own.service.sign(request("certificate", handle, tbs));
    expect(await verifySignature({ algorithm: key.signatureAlgorithm, spki: key.spki, data: tbs, signature })).toBe(
      true,
    );
  }
});
