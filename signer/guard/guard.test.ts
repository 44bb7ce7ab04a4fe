/** What the guard refuses beyond what a certificate authority must: everything that this product does not sign today. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "#shared/kernel/bytes";
import { buildTbsCertificate } from "#shared/pki/certificate";
import type { CrlEntrySpec } from "#shared/pki/crl";
import {
  boolean,
  enumerated,
  explicit,
  generalizedTime,
  ia5String,
  implicit,
  implicitConstructed,
  integer,
  oid,
  sequence,
  tlv,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  certificatePolicies,
  crlDistributionPoints,
  crlNumber,
  extension,
  extKeyUsage,
  issuingDistributionPoint,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
  reasonCode,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { issuerIdOf, revocationUrls } from "#shared/pki/revocation-urls";
import { certIdFor } from "#shared/pki/ocsp";
import { oids } from "#shared/pki/oids";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import {
  caExtensions,
  type Chain,
  crlUrlOf,
  day,
  dns,
  everyAddress,
  expectRefused,
  leafExtensions,
  leafSerial,
  makeChain,
  names,
  openWorkshop,
  request,
  revocationBaseUrl,
  spec,
  start,
  type Workshop,
} from "#test/signer/workshop";

let workshop: Workshop;
let chain: Chain;
beforeAll(async () => {
  workshop = await openWorkshop();
  chain = await makeChain(workshop);
});
afterAll(() => workshop[Symbol.asyncDispose]());

const sign = (type: "certificate" | "crl" | "ocsp", handle: string, tbs: Uint8Array) =>
  workshop.service.sign(request(type, handle, tbs));
const refused = (type: "certificate" | "crl" | "ocsp", handle: string, tbs: Uint8Array, reason: RegExp) =>
  expectRefused(workshop, request(type, handle, tbs), { reason });

describe("leaves", () => {
  const extended = (...more: Uint8Array[]) =>
    chain.leafTbs({ extensions: [...leafExtensions(chain.ca.spki, chain.leafSpki), ...more] });
  const instead = (at: number, ...others: Uint8Array[]) => {
    const extensions = leafExtensions(chain.ca.spki, chain.leafSpki);
    extensions.splice(at, 1, ...others);
    return chain.leafTbs({ extensions });
  };
  const uri = (url: string) => ia5String(url, 0x86);

  test("may say where their status is, below the base URL of their CA's key", async () => {
    const own = revocationUrls(revocationBaseUrl, issuerIdOf(chain.ca.spki));
    const access = authorityInfoAccess({
      ocsp: [own.ocspUrl],
      caIssuers: [own.caIssuersUrl],
    });
    await expect(
      sign("certificate", "ca", extended(access, crlDistributionPoints([own.crlUrl(7)]))),
    ).resolves.toBeDefined();
  });

  test.each([
    ["no key usage", () => instead(2), /key usages/],
    ["no basic constraints", () => instead(5), /basicConstraints/],
    ["no subject key identifier", () => instead(1), /subject key identifier/],
    ["another key's identifier", () => instead(1, subjectKeyIdentifier(keyIdentifier(chain.ca.spki))), /subjectKeyId/],
    [
      "an authority key identifier with more in it",
      () =>
        instead(
          0,
          extension(
            oids.authorityKeyIdentifier,
            false,
            sequence(
              implicit(0, keyIdentifier(chain.ca.spki)),
              implicitConstructed(1, explicit(4, names.ca)),
              implicit(2, Uint8Array.of(1)),
            ),
          ),
        ),
      /authorityKeyIdentifier is not as/,
    ],
    ["a usage beyond the list", () => instead(3, extKeyUsage(["1.3.6.1.5.5.7.3.17"])), /1\.3\.6\.1\.5\.5\.7\.3\.17/],
    ["any policy", () => extended(certificatePolicies(["2.5.29.32.0"])), /anyPolicy/],
    [
      "a policy with a qualifier",
      () =>
        extended(
          extension(
            oids.certificatePolicies,
            false,
            sequence(sequence(oid("1.2.3"), sequence(sequence(oid("1.2.4"))))),
          ),
        ),
      /certificatePolicies is not as/,
    ],
    ["ocspNoCheck", () => extended(ocspNoCheck()), /is not on the list/],
    [
      "a directory name",
      () => instead(4, extension(oids.subjectAltName, false, sequence(explicit(4, names.ca)))),
      /directoryName|subjectAltName is not as/,
    ],
    [
      "a DNS name that is none",
      () => instead(4, extension(oids.subjectAltName, false, sequence(ia5String("a/b.example.test", 0x82)))),
      /subjectAltName is not as/,
    ],
    ["an OCSP URL elsewhere", () => extended(authorityInfoAccess({ ocsp: ["http://evil.test/ocsp"] })), /not below/],
    [
      "a CA certificate URL at a host that begins alike",
      () => extended(authorityInfoAccess({ caIssuers: [`${revocationBaseUrl}.evil.test/x`] })),
      /not below/,
    ],
    ["a CRL elsewhere", () => extended(crlDistributionPoints(["http://evil.test/crl"])), /not below/],
    [
      "another issuer's CRL",
      () => extended(crlDistributionPoints([crlUrlOf(chain.open.spki)])),
      /no status service of this issuer/,
    ],
    [
      "a CRL shard that there cannot be",
      () => extended(crlDistributionPoints([crlUrlOf(chain.ca.spki, 4096)])),
      /no status service of this issuer/,
    ],
    [
      "another issuer's OCSP",
      () =>
        extended(
          authorityInfoAccess({ ocsp: [revocationUrls(revocationBaseUrl, issuerIdOf(chain.open.spki)).ocspUrl] }),
        ),
      /no status service of this issuer/,
    ],
    [
      "a CRL by another issuer",
      () =>
        extended(
          extension(
            oids.cRLDistributionPoints,
            false,
            sequence(
              sequence(
                explicit(0, implicitConstructed(0, uri(crlUrlOf(chain.ca.spki)))),
                implicitConstructed(2, explicit(4, names.open)),
              ),
            ),
          ),
        ),
      /cRLDistributionPoints is not as/,
    ],
    [
      "a further access method",
      () =>
        extended(
          extension(
            oids.authorityInfoAccess,
            false,
            sequence(
              sequence(oid(oids.ocsp), uri(`${revocationBaseUrl}/ocsp`)),
              sequence(oid("1.2.3.4"), uri("http://evil.test/")),
            ),
          ),
        ),
      /authorityInfoAccess is not as/,
    ],
    ["its issuer's name", () => chain.leafTbs({ subjectNameDer: names.ca }), /named as its issuer/],
    ["another CA's name", () => chain.leafTbs({ subjectNameDer: names.open }), /name of CA key open/],
    [
      "a CA's name, but for case and blanks",
      () => chain.leafTbs({ subjectNameDer: nameDer(commonName("ACME  root ")) }),
      /name of CA key root/,
    ],
    [
      "an organisation",
      () => chain.leafTbs({ subjectNameDer: nameDer(commonName("www.example.test", "Acme")) }),
      /common name and nothing else, not O/,
    ],
    ["a serial number of 21 octets", () => chain.leafTbs({ serial: new Uint8Array(20).fill(0x80) }), /20 octets/],
  ] as const)("are refused with %s", async (_, tbs, reason) => {
    await refused("certificate", "ca", tbs(), reason);
  });

  test("get a serial number of their own, also after a restart; 20 octets are enough", async () => {
    const serial = new Uint8Array(20).fill(0x7f);
    await sign("certificate", "ca", chain.leafTbs({ serial }));
    await refused("certificate", "ca", chain.leafTbs({ serial }), /given away before/);
    await workshop.restart();
    await refused("certificate", "ca", chain.leafTbs({ serial }), /given away before/);
    await sign("certificate", "open", chain.openLeafTbs({ serial }));
  });

  test("keep their name from the CAs of their own tenant only", async () => {
    await workshop.service.generateKey(spec({ tenant: "other" }));
    const spki = workshop.entries().find(({ tenant, op }) => tenant === "other" && op === "generate")?.spki ?? "";
    const key = new Uint8Array(Buffer.from(spki, "base64"));
    const name = nameDer(commonName("taken.example.test"));
    const tbs = chain.rootTbs({
      spki: key,
      issuerNameDer: name,
      subjectNameDer: name,
      extensions: caExtensions(key, key),
    });
    await workshop.service.sign(request("certificate", "root", tbs, { tenant: "other" }));
    await expect(sign("certificate", "ca", chain.leafTbs({ subjectNameDer: name }))).resolves.toBeDefined();
  });
});

describe("responders", () => {
  test("under root and issuing CA: 90 days, ocspNoCheck, and basicConstraints may be missing", async () => {
    await workshop.service.generateKey(
      spec({ handle: "ocsp-root", purpose: "ocsp", limits: { issuerHandle: "root" } }),
    );
    const entry = workshop.entries().find(({ op, handle }) => op === "generate" && handle === "ocsp-root");
    const rootResponder = new Uint8Array(Buffer.from(entry?.spki ?? "", "base64"));
    for (const [handle, spki, issuer, issuerNameDer] of [
      ["ca", chain.ocsp.spki, chain.ca.spki, names.ca],
      ["root", rootResponder, chain.root.spki, names.root],
    ] as const) {
      const extensions = [
        authorityKeyIdentifier(keyIdentifier(issuer)),
        subjectKeyIdentifier(keyIdentifier(spki)),
        keyUsage(["digitalSignature"]),
        extKeyUsage(["OCSPSigning"]),
        ocspNoCheck(),
      ];
      const tbs = (days: number) =>
        chain.responderTbs({ spki, issuerNameDer, extensions, notBeforeMs: start, notAfterMs: start + days * day });
      await refused("certificate", handle, tbs(90.001), /outside this key's limits/);
      await expect(sign("certificate", handle, tbs(90))).resolves.toBeDefined();
    }
  });
});

describe("CA certificates", () => {
  const ca = (extensions: Uint8Array[]) => chain.caTbs({ extensions });
  const base = () => caExtensions(chain.root.spki, chain.ca.spki, 0);

  test.each([
    ["no exclusion of addresses", () => ca([...base(), nameConstraints({ permitted: dns("example.test") })])],
    [
      "only one of the two exclusions",
      () => ca([...base(), nameConstraints({ permitted: dns("example.test"), excluded: everyAddress.slice(0, 1) })]),
    ],
    [
      "a further exclusion",
      () =>
        ca([
          ...base(),
          nameConstraints({ permitted: dns("example.test"), excluded: [...everyAddress, ...dns("a.example.test")] }),
        ]),
    ],
    [
      "another kind permitted",
      () =>
        ca([
          ...base(),
          nameConstraints({
            permitted: [...dns("example.test"), { type: "email", value: "example.test" }],
            excluded: everyAddress,
          }),
        ]),
    ],
  ])("are refused with %s", async (_, tbs) => {
    await refused("certificate", "root", tbs(), /name constraints/);
  });

  test("are refused under a name that another key has, in any writing", async () => {
    const { spki } = await workshop.service.generateKey(spec({ handle: "twin", purpose: "issuing-ca" }));
    for (const name of ["Acme CA", "ACME ca", "Acme Root"])
      await refused(
        "certificate",
        "root",
        chain.openTbs({
          spki,
          subjectNameDer: nameDer(commonName(name)),
          extensions: caExtensions(chain.root.spki, spki, 0),
        }),
        /CA name belongs to key/,
      );
  });

  test("are refused with an extended list: policies, alternative names, status of a root elsewhere", async () => {
    const whole = () => caExtensions(chain.root.spki, chain.ca.spki, 0, ["example.test"]);
    await refused("certificate", "root", ca([...whole(), certificatePolicies(["1.2.3"])]), /not on the list/);
    await refused("certificate", "root", ca([...whole(), crlDistributionPoints(["http://evil.test/c"])]), /not below/);
  });
});

describe("keys without a base URL", () => {
  test("sign no URL and no CRL", async () => {
    const { spki } = await workshop.service.generateKey(spec({ handle: "mute", purpose: "issuing-ca", limits: {} }));
    const name = nameDer(commonName("Mute CA"));
    await sign(
      "certificate",
      "root",
      chain.openTbs({ spki, subjectNameDer: name, extensions: caExtensions(chain.root.spki, spki, 0) }),
    );
    const crl = chain.crlTbs({ issuerNameDer: name, authorityKeyId: keyIdentifier(spki) });
    await refused("crl", "mute", crl, /without a base URL/);
  });

  test("the base URL is the first one's; a malformed one makes no key", async () => {
    const limits = (revocationBaseUrl: string) => ({ limits: { revocationBaseUrl } });
    const first = await workshop.service.generateKey(spec({ handle: "first", ...limits("http://a.test") }));
    expect(first.limits).toEqual({ revocationBaseUrl: "http://a.test" });
    expect(await workshop.service.generateKey(spec({ handle: "first", ...limits("http://b.test:81") }))).toEqual(first);
    for (const url of ["https://a.test", "http://a.test/", "http://", "http://u@a.test", "http://a.test?x", "a.test"])
      await expect(workshop.service.generateKey(spec({ handle: "odd", ...limits(url) }))).rejects.toMatchObject({
        code: "guard_refused",
      });
  });
});

describe("CRLs", () => {
  const url = (n: number | string) => crlUrlOf(chain.ca.spki, n === "hand" ? 99 : Number(n));
  const entry = (serial: string, change: Partial<CrlEntrySpec> = {}): CrlEntrySpec => ({
    serial,
    revokedAtMs: start,
    reason: "keyCompromise",
    ...change,
  });

  /** A TBSCertList by hand: whatever extensions one likes. */
  const byHand = (own: Uint8Array[], entryExtensions?: Uint8Array[]) =>
    tlv(0x30, [
      integer(1),
      algorithmIdentifier("ecdsa-with-SHA256"),
      names.ca,
      utcOrGeneralizedTime(start),
      utcOrGeneralizedTime(start + day),
      ...(entryExtensions === undefined
        ? []
        : [sequence(sequence(integer(fromHex("55ee")), utcOrGeneralizedTime(start), sequence(...entryExtensions)))]),
      explicit(0, sequence(authorityKeyIdentifier(keyIdentifier(chain.ca.spki)), crlNumber(1), ...own)),
    ]);
  const point = () => issuingDistributionPoint({ fullNameUrl: url("hand") });

  test.each([
    ["a certificate issuer", () => [extension(oids.certificateIssuer, false, sequence(explicit(4, names.open)))]],
    ["an invalidity date", () => [extension(oids.invalidityDate, false, generalizedTime(start))]],
    ["a reason and an unknown extension", () => [reasonCode("superseded"), extension("1.2.3.4", false, integer(1))]],
    ["a critical reason", () => [extension(oids.reasonCode, true, enumerated(1))]],
    ["the reason that is said by silence", () => [reasonCode("unspecified")]],
  ])("are refused with an entry that has %s", async (_, extensions) => {
    const attempt = request("crl", "ca", byHand([point()], extensions()));
    await expect(workshop.service.sign(attempt)).rejects.toMatchObject({
      code: expect.stringMatching(/^(guard_refused|malformed)$/) as unknown,
    });
  });

  test.each([
    ["an unknown extension", () => [point(), extension("1.2.3.4", false, integer(1))]],
    [
      "an issuer's other name",
      () => [point(), extension(oids.issuerAltName, false, sequence(explicit(4, names.open)))],
    ],
    [
      "only user certificates",
      () => [issuingDistributionPoint({ fullNameUrl: url("hand"), onlyContainsUserCerts: true })],
    ],
    ["only CA certificates", () => [issuingDistributionPoint({ fullNameUrl: url("hand"), onlyContainsCACerts: true })]],
    [
      "a second name for its point",
      () => [
        extension(
          oids.issuingDistributionPoint,
          true,
          sequence(explicit(0, implicitConstructed(0, ia5String(url("hand"), 0x86), explicit(4, names.open)))),
        ),
      ],
    ],
    [
      "a point that is not critical",
      () => [
        extension(
          oids.issuingDistributionPoint,
          false,
          sequence(explicit(0, implicitConstructed(0, ia5String(url("hand"), 0x86)))),
        ),
      ],
    ],
    ["a point elsewhere", () => [issuingDistributionPoint({ fullNameUrl: "http://evil.test/crl" })]],
  ])("are refused with %s", async (_, own) => {
    await refused("crl", "ca", byHand(own()), /list|holds more|not below/);
  });

  test("an indirect CRL cannot even be read", async () => {
    const indirect = extension(
      oids.issuingDistributionPoint,
      true,
      sequence(
        explicit(0, implicitConstructed(0, ia5String(url("hand"), 0x86))),
        implicit(4, boolean(true).subarray(2)),
      ),
    );
    await expect(sign("crl", "ca", byHand([indirect]))).rejects.toMatchObject({ code: "malformed" });
  });

  test("what is made by hand as it should be is signed", async () => {
    await expect(sign("crl", "ca", byHand([point()], [reasonCode("superseded")]))).resolves.toBeDefined();
  });

  test("numbers go up by at most 1000, the first one too; what was said of an entry stays said", async () => {
    const crl = (number: number, ...entries: CrlEntrySpec[]) =>
      chain.crlTbs({ number, entries, distributionPointUrl: url(1) });
    await refused("crl", "ca", crl(1001), /runs more than 1000 ahead of 0/);
    await sign("crl", "ca", crl(1000, entry("55a1")));
    await refused("crl", "ca", crl(2001, entry("55a1")), /runs more than 1000 ahead of 1000/);
    for (const change of [{ reason: "unspecified" }, { reason: "superseded" }, { revokedAtMs: start - 1000 }] as const)
      await refused("crl", "ca", crl(1001, entry("55a1", change)), /another date or reason/);
    await workshop.restart();
    await refused("crl", "ca", crl(1001, entry("55a1", { reason: "unspecified" })), /another date or reason/);
    await sign("crl", "ca", crl(2000, entry("55a1"), entry("55a2")));
  });

  test("a key signs for 4096 distribution points", async () => {
    const { spki } = await workshop.service.generateKey(spec({ handle: "wide", purpose: "issuing-ca" }));
    const name = nameDer(commonName("Wide CA"));
    await sign(
      "certificate",
      "root",
      chain.openTbs({ spki, subjectNameDer: name, extensions: caExtensions(chain.root.spki, spki, 0) }),
    );
    const crl = (n: number, number = 1) =>
      request(
        "crl",
        "wide",
        chain.crlTbs({
          issuerNameDer: name,
          authorityKeyId: keyIdentifier(spki),
          number,
          distributionPointUrl: crlUrlOf(spki, n),
        }),
      );
    await Promise.all(Array.from({ length: 4096 }, (_, n) => workshop.service.sign(crl(n))));
    await expectRefused(workshop, crl(4096), { reason: /no CRL of this/ });
    await expect(workshop.service.sign(crl(7, 2))).resolves.toBeDefined();
  }, 30_000);
});

describe("OCSP", () => {
  const single = (serial: string, status: "good" | "unknown" | "revoked", nextUpdateMs = start + 600_000) =>
    chain.ocspTbs({
      responses: [
        {
          certId: certIdFor(names.ca, chain.ca.spki, serial, "sha1"),
          status: status === "revoked" ? { type: status, atMs: start, reason: "superseded" } : { type: status },
          thisUpdateMs: start,
          nextUpdateMs,
        },
      ],
    });

  test("what is on the CRL is revoked and nothing else, also after a restart", async () => {
    const serial = "55f1000000000001";
    await refused("ocsp", "ocsp", single(serial, "good"), /was never signed by this CA and cannot be good/);
    await sign("ocsp", "ocsp", single(serial, "unknown"));
    await sign("certificate", "ca", chain.leafTbs({ serial: fromHex(serial) }));
    await sign("ocsp", "ocsp", single(serial, "good"));
    const distributionPointUrl = crlUrlOf(chain.ca.spki, 50);
    const entries = [{ serial, revokedAtMs: start, reason: "superseded" as const }];
    await sign("crl", "ca", chain.crlTbs({ distributionPointUrl, entries }));
    for (let round = 0; round < 2; round++) {
      await refused("ocsp", "ocsp", single(serial, "good"), /is on the CRL and cannot be good/);
      await refused("ocsp", "ocsp", single(serial, "unknown"), /is on the CRL and cannot be unknown/);
      await sign("ocsp", "ocsp", single(serial, "revoked"));
      await workshop.restart();
    }
  });

  test("speaks for at most a day", async () => {
    await sign("ocsp", "ocsp", single(leafSerial, "good", start + day));
    await refused("ocsp", "ocsp", single(leafSerial, "good", start + day + 1000), /times are outside/);
  });
});

test("a root over its own key carries nothing but what makes it a root", async () => {
  const { spki } = await workshop.service.generateKey(spec({ handle: "root-2" }));
  const name = nameDer(commonName("Acme Root 2"));
  const tbs = (...more: Uint8Array[]) =>
    buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x51),
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: name,
      subjectNameDer: name,
      notBeforeMs: start,
      notAfterMs: start + 100 * day,
      spki,
      extensions: [...caExtensions(spki, spki), ...more],
    });
  await refused("certificate", "root-2", tbs(crlDistributionPoints([crlUrlOf(chain.root.spki)])), /not on the list/);
  await refused(
    "certificate",
    "root-2",
    tbs(nameConstraints({ permitted: dns("x.test") })),
    /not those that the key was made with/,
  );
  await sign("certificate", "root-2", tbs());
});
