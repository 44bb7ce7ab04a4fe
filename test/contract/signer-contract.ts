/** What the port Signer promises, whatever lies between it and the keys. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "#shared/pki/certificate";
import type { Clock } from "#shared/ports/clock";
import type { JournalRecord, Signer } from "#shared/ports/signer";
import { makeRa } from "#test/signer/ra";
import { type Chain, crlUrlOf, makeChain, request, spec } from "#test/signer/workshop";

export interface SignerPlace {
  readonly signer: Signer;
  readonly clock: Clock;
  /** Totals are in the journal after it. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function signerContract(what: string, open: () => Promise<SignerPlace>): void {
  describe(`the port Signer: ${what}`, () => {
    let place: SignerPlace;
    let chain: Chain;
    const signer = (): Signer => place.signer;

    beforeAll(async () => {
      place = await open();
      chain = await makeChain({ service: place.signer, clock: place.clock });
    }, 30_000);
    afterAll(() => place.close());

    async function everything(tenant = "acme"): Promise<JournalRecord[]> {
      const found: JournalRecord[] = [];
      for (;;) {
        const page = await signer().journal(tenant, found.at(-1)?.n ?? 0, 7);
        if (page.length === 0) return found;
        found.push(...page);
      }
    }

    test("it answers", async () => {
      await expect(signer().health()).resolves.toBeUndefined();
    });

    test("a key asked for again is the same one; with another spec it is a conflict, and stands in the journal", async () => {
      const again = await signer().generateKey(spec({ handle: "open", purpose: "issuing-ca" }));
      expect(again).toEqual(chain.open);
      const other = spec({ handle: "open", purpose: "issuing-ca", algorithm: "P-384" });
      await expect(signer().generateKey(other)).rejects.toMatchObject({ code: "conflict" });
      expect(await everything()).toContainEqual(
        expect.objectContaining({ op: "refuse", type: "key", handle: "open", reason: expect.any(String) as unknown }),
      );
    });

    test("a signature verifies, and its record holds TBS and signature", async () => {
      const tbs = chain.leafTbs();
      const asked = request("certificate", "ca", tbs);
      const signed = await signer().sign(asked);
      const by = {
        algorithm: "ecdsa-with-SHA256",
        spki: chain.ca.spki,
        data: tbs,
        signature: signed.signature,
      } as const;
      expect(await verifySignature(by)).toBe(true);
      expect([...signed.tbs]).toEqual([...tbs]);
      const [record] = (await everything()).filter(({ opId }) => opId === asked.opId);
      expect([...fromBase64(record?.tbs ?? "")]).toEqual([...tbs]);
      expect([...fromBase64(record?.signature ?? "")]).toEqual([...signed.signature]);
    });

    test("one operation, one signature: at once, again, and for another request not at all", async () => {
      const opId = `once-${sha256Hex(String(place.clock.now())).slice(0, 8)}`;
      const over = { opId, requestHash: sha256Hex("the request") };
      const tries = Array.from({ length: 8 }, () => signer().sign(request("certificate", "ca", chain.leafTbs(), over)));
      const answers = await Promise.all(tries);
      answers.push(await signer().sign(request("certificate", "ca", chain.leafTbs(), over)));
      expect(new Set(answers.map(({ tbs, signature }) => sha256Hex(tbs) + sha256Hex(signature))).size).toBe(1);
      expect((await everything()).filter((one) => one.op === "sign" && one.opId === opId)).toHaveLength(1);
      const other = { ...over, requestHash: sha256Hex("another") };
      await expect(signer().sign(request("certificate", "ca", chain.leafTbs(), other))).rejects.toMatchObject({
        code: "guard_refused",
        message: expect.stringMatching(/already signed for another request/) as unknown,
      });
    });

    test("a serial number is given once, also at once", async () => {
      const serial = Uint8Array.of(0x55, ...Buffer.from(sha256Hex("serial"), "hex").subarray(0, 15));
      const both = await Promise.allSettled(
        [1, 2].map(() => signer().sign(request("certificate", "ca", chain.leafTbs({ serial })))),
      );
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });

    test("a large CRL, larger than an item of a table, is signed and journalled; its number falls no more", async () => {
      const entries = Array.from({ length: 12_000 }, (_, at) => ({
        serial: sha256Hex(String(at)).slice(0, 32).replace(/^./, "5"),
        revokedAtMs: place.clock.now() - 1000,
        reason: "superseded" as const,
      }));
      const point = { distributionPointUrl: crlUrlOf(chain.ca.spki, 9) };
      const tbs = chain.crlTbs({ number: 5, entries, ...point });
      expect(tbs.length).toBeGreaterThan(400_000);
      const asked = request("crl", "ca", tbs);
      const { signature } = await signer().sign(asked);
      expect((await signer().sign({ ...asked, tbs: chain.crlTbs() })).tbs.length).toBe(tbs.length);
      const [record] = (await everything()).filter(({ opId }) => opId === asked.opId);
      expect([...fromBase64(record?.signature ?? "")]).toEqual([...signature]);
      expect(sha256Hex(fromBase64(record?.tbs ?? ""))).toBe(sha256Hex(tbs));
      for (const [over, reason] of [
        [{ number: 5, entries }, /does not follow/],
        [{ number: 6, entries: entries.slice(1) }, /vanished/],
      ] as const)
        await expect(signer().sign(request("crl", "ca", chain.crlTbs({ ...over, ...point })))).rejects.toMatchObject({
          code: "guard_refused",
          message: expect.stringMatching(reason) as unknown,
        });
    });

    test("OCSP is signed each time anew, and is in the journal as a total", async () => {
      const before = (await everything()).filter(({ op }) => op === "batch").length;
      for (let at = 0; at < 5; at++) await signer().sign(request("ocsp", "ocsp", chain.ocspTbs()));
      await place.flush();
      const batches = (await everything()).filter(({ op }) => op === "batch").slice(before);
      for (const batch of batches) expect(batch).toMatchObject({ type: "ocsp", handle: "ocsp" });
      expect(batches.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(5);
    });

    test("an RA key decrypts; wrong padding answers the same each time", async () => {
      const ra = await makeRa({ service: place.signer, clock: place.clock }, chain);
      const content = new Uint8Array(16).fill(3);
      const ask = { tenant: "acme", handle: "ra", keyBytes: 16 };
      expect([...(await signer().decrypt({ ...ask, ciphertext: ra.encrypted(content) }))]).toEqual([...content]);
      const wrong = new Uint8Array(256).fill(1);
      const first = await signer().decrypt({ ...ask, ciphertext: wrong });
      expect([...(await signer().decrypt({ ...ask, ciphertext: wrong }))]).toEqual([...first]);
    });

    test("what it refuses says why, with its code, and is journalled", async () => {
      const refusals = [
        [request("certificate", "nobody", chain.leafTbs()), "guard_refused", /has no key nobody/],
        [request("certificate", "ca", chain.caTbs()), "guard_refused", /./],
        [request("certificate", "ca", Uint8Array.of(0x30)), "malformed", /./],
        [request("ssh" as "ocsp", "ca", chain.leafTbs()), "guard_refused", /it signs no ssh/],
        [request("certificate", "ca", chain.leafTbs(), { opId: "no spaces please" }), "malformed", /opId must be/],
      ] as const;
      const before = (await everything()).filter(({ op }) => op === "refuse").length;
      for (const [asked, code, reason] of refusals)
        await expect(signer().sign(asked)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(reason) as unknown,
        });
      expect((await everything()).filter(({ op }) => op === "refuse")).toHaveLength(before + refusals.length);
    });

    test("a tenant sees its own records, numbered upwards, none twice and none left out", async () => {
      const theirs = await signer().generateKey(spec({ tenant: "other" }));
      const records = await everything();
      expect(records.every(({ tenant }) => tenant === "acme")).toBe(true);
      const numbers = records.map(({ n }) => n);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      expect(records.filter(({ op }) => op === "sign").map(({ tbs }) => tbs)).not.toContain(undefined);
      expect(await everything("other")).toMatchObject([{ op: "generate", handle: "root", tenant: "other" }]);
      expect(await everything("nobody-here")).toEqual([]);
      const leaf = chain.leafTbs({ spki: theirs.spki });
      await expect(signer().sign(request("certificate", "ca", leaf))).rejects.toMatchObject({ code: "guard_refused" });
      expect(parseTbsCertificate(leaf).serialHex).toMatch(/^55/);
    });
  });
}
