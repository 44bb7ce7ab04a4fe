/** What the signer knows after a start, whatever came before it (0014). */
import { describe, expect, test } from "vitest";
import { sha256 } from "#shared/crypto/hash";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { buildTbsCertList } from "#shared/pki/crl";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { openJournal } from "./journal.ts";
import {
  caExtensions,
  crlUrlOf,
  day,
  expectRefused,
  makeChain,
  openWorkshop,
  request,
  spec,
  start,
} from "#test/signer/workshop";

describe("a start after a restore", () => {
  test("numbers of CRLs go on above its moment, on points that were forgotten too, and one at a time", async () => {
    await using own = await openWorkshop();
    const chain = await makeChain(own);
    await own.service.sign(request("crl", "ca", chain.crlTbs({ number: 5 })));
    await own.service.flush();
    const restored = start + 7;
    const journal = await openJournal(own.journalPath, () => undefined);
    const record = { op: "restore", handle: "-", opId: "restore/x", type: "key", reason: "restored" } as const;
    await journal.append({ ...record, time: restored, tenant: "acme" });
    await journal.append({ ...record, time: restored + 5000, tenant: "other" });
    await journal.close();
    const service = await own.restart();
    const point = (shard: number) => ({ distributionPointUrl: crlUrlOf(chain.ca.spki, shard) });
    for (const [number, reason] of [
      [6, `does not follow ${restored}`],
      [restored, `does not follow ${restored}`],
      [restored + 1001, `more than 1000 ahead of ${restored}`],
    ] as const)
      for (const shard of [0, 1])
        await expectRefused(own, request("crl", "ca", chain.crlTbs({ number, ...point(shard) })), {
          reason: new RegExp(reason),
        });
    for (const shard of [0, 1])
      await service.sign(request("crl", "ca", chain.crlTbs({ number: restored + 1, ...point(shard) })));
    await expectRefused(own, request("crl", "ca", chain.crlTbs({ number: restored + 1 })), {
      reason: /does not follow/,
    });
    await service.sign(request("crl", "ca", chain.crlTbs({ number: restored + 2 })));
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
        distributionPointUrl: crlUrlOf(rsa.spki),
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
    expect(await own.service.journal("a?b", 0, 10)).toHaveLength(5);
    expect(await own.service.journal("a\u2028b", 0, 10)).toEqual([]);
  });
});
