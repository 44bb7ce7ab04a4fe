/** CRLs that forget, go back or speak for others (RFC 5280 5; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTbsCertList, parseTbsCertList } from "#shared/pki/crl";
import { keyIdentifier } from "#shared/pki/key";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { type Chain, crlUrlOf, day, expectRefused, names, request, start, type Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

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
  hold(
    () => target,
    attacks.map((attack) => ({ ...attack, type: "crl", handle: "ca" })),
  );

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
    distributionPointUrl: crlUrlOf(chain.ca.spki),
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
