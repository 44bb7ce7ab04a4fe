/** CRLs that forget, go back or speak for others (RFC 5280 5; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "#shared/kernel/bytes";
import { buildTbsCertList, parseTbsCertList, type TbsCertList } from "#shared/pki/crl";
import { keyIdentifier } from "#shared/pki/key";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { issuerIdOf, revocationUrls } from "#shared/pki/revocation-urls";
import {
  type Chain,
  crlUrlOf,
  day,
  expectRefused,
  names,
  request,
  revocationBaseUrl,
  start,
  type Workshop,
} from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("CRLs", () => {
  const entry = (serial: string) => ({ serial, revokedAtMs: start, reason: "unspecified" as const });
  const revoked = (...serials: string[]) => serials.map(entry);
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
    { what: "a delta on a base that is none", tbs: crl({ baseCrlNumber: 4 }), reason: /no complete CRL 4/ },
    { what: "a delta on itself", tbs: crl({ number: 5, baseCrlNumber: 5 }), reason: /does not follow/ },
    {
      what: "a delta that says where deltas are",
      tbs: () =>
        crl({
          baseCrlNumber: 5,
          freshestCrlUrl: revocationUrls(revocationBaseUrl, issuerIdOf(chain.ca.spki)).deltaCrlUrl(0),
        })(),
      reason: /holds more/,
    },
    { what: "a delta somewhere else", tbs: crl({ freshestCrlUrl: "http://evil.test/d.crl" }), reason: /holds more/ },
    {
      what: "a hold",
      tbs: crl({ entries: [...revoked("55aa", "55bb"), { ...entry("55dd"), reason: "certificateHold" }] }),
      reason: /for ever/,
    },
    {
      what: "a removal",
      tbs: crl({ baseCrlNumber: 5, entries: [{ ...entry("55aa"), reason: "removeFromCRL" }] }),
      reason: /another date or reason|for ever/,
    },
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

describe("delta CRLs", () => {
  const revoked = (...serials: string[]) =>
    serials.map((serial) => ({ serial, revokedAtMs: start, reason: "superseded" as const }));
  const crl = (number: number, entries: string[], change: Parameters<Chain["crlTbs"]>[0] = {}, shard = 3) =>
    chain.crlTbs({
      number,
      entries: revoked(...entries),
      distributionPointUrl: crlUrlOf(chain.ca.spki, shard),
      ...change,
    });
  const sign = (tbs: Uint8Array) => workshop.service.sign(request("crl", "ca", tbs));
  const refused = (tbs: Uint8Array, reason: RegExp) => expectRefused(workshop, request("crl", "ca", tbs), { reason });
  const on = (baseCrlNumber: number) => ({ baseCrlNumber });

  test("are held to their base and to each other, also after a restart", async () => {
    await sign(crl(1, ["55a1"]));
    await sign(crl(2, ["55a2"], on(1)));
    await refused(crl(3, ["55a3"], on(1)), /55a2 vanished/);
    await refused(crl(2, ["55a2", "55a3"], on(1)), /does not follow/);
    await refused(crl(3, ["55a1", "55a3"]), /55a2 vanished/);
    await sign(crl(4, ["55a1", "55a2", "55a3"]));
    await refused(
      crl(4, ["55a2", "55a3", "55a4"], on(1)),
      /a delta does not follow CRL 4 of its number: only the delta names certificate 55a4/,
    );
    await refused(crl(4, ["55a2"], on(1)), /55a3 vanished/);
    await sign(crl(4, ["55a2", "55a3"], on(1)));
    await refused(crl(5, ["55a4"], on(2)), /no complete CRL 2/);
    await workshop.restart();
    await refused(crl(5, ["55a2"], on(1)), /55a3 vanished/);
    await refused(crl(5, [], on(2)), /no complete CRL 2/);
    await refused(crl(1, ["55a1", "55a2", "55a3", "55a5"]), /does not follow/);
    await sign(crl(5, [], on(4)));
    await refused(crl(6, ["55a1"], on(1)), /vanished/);
  });

  test("a longer list that begins as the last one is held to all of it", async () => {
    const shard = 4;
    await sign(crl(1, ["55b1", "55b2"], {}, shard));
    await sign(crl(2, ["55b3"], on(1), shard));
    await refused(crl(3, ["55b1", "55b2", "55b4"], {}, shard), /55b3 vanished/);
    const twice = buildTbsCertList({
      ...listOf(parseTbsCertList(crl(3, ["55b1", "55b2", "55b3"], {}, shard))),
      encoded: parseTbsCertList(crl(3, ["55b1", "55b2", "55b3"], {}, shard)).list,
      entries: revoked("55b1"),
    });
    await refused(twice, /55b1 comes twice/);
    const changed = crl(3, ["55b1", "55b2", "55b3"], {}, shard);
    await sign(changed);
    await refused(crl(4, ["55b2", "55b3"], {}, shard), /55b1 vanished/);
  });

  const listOf = ({ number, idpUrl }: TbsCertList) => ({
    signatureAlgorithm: "ecdsa-with-SHA256" as const,
    issuerNameDer: names.ca,
    thisUpdateMs: start,
    nextUpdateMs: start + day,
    number,
    authorityKeyId: keyIdentifier(chain.ca.spki),
    distributionPointUrl: idpUrl ?? "",
  });

  test("a certificate leaves when it had ended before a complete CRL still named it", async () => {
    const own = await openTarget();
    await using _ = own.workshop;
    const { service, clock } = own.workshop;
    const leaf = own.chain.leafTbs({ serial: fromHex("55c1c1c1c1c1c1c1c1") });
    await service.sign(request("certificate", "ca", leaf));
    const list = (number: number, entries: string[]) =>
      request(
        "crl",
        "ca",
        own.chain.crlTbs({
          number,
          entries: revoked(...entries),
          thisUpdateMs: clock.now(),
          nextUpdateMs: clock.now() + day,
        }),
      );
    const both = ["55c1c1c1c1c1c1c1c1", "55c2"];
    await service.sign(list(1, both));
    await expectRefused(own.workshop, list(2, ["55c2"]), { reason: /vanished/ });
    clock.advance(31 * day);
    await expectRefused(own.workshop, list(2, ["55c2"]), { reason: /vanished/ });
    await service.sign(list(2, both));
    clock.advance(day);
    // Of 55c2 the signer does not know when it ends: it stays.
    await expectRefused(own.workshop, list(3, []), { reason: /55c2 vanished/ });
    await service.sign(list(3, ["55c2"]));
    const again = await own.workshop.restart();
    await again.sign(list(4, ["55c2"]));
  });
});
