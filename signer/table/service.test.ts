/** What several processes over one table promise together; what one promises alone is in same.test.ts. */
import { beforeEach, describe, expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import { commonName, nameDer } from "#shared/pki/name";
import type { SharedItem } from "#shared/ports/items";
import type { Signed } from "#shared/ports/signer";
import { counted, type Fleet, openFleet, recording } from "#test/signer/fleet";
import { type MemoryBucket, memoryBucket, type MemoryItems, memoryItems } from "#test/signer/items";
import {
  caExtensions,
  type Chain,
  crlUrlOf,
  dns,
  leafExtensions,
  leafSerial,
  makeChain,
  request,
  revocationBaseUrl,
  spec,
  start,
} from "#test/signer/workshop";
import type { Entry } from "../journal-entry.ts";
import type { SignerService } from "../service.ts";
import { restoredItem } from "./restored.ts";

let now = start;
let table: MemoryItems;
let bucket: MemoryBucket;
let entries: () => Entry[];
let fleet: Fleet;
let first: SignerService;
let chain: Chain;
const clock = { now: () => now };

beforeEach(async () => {
  now = start;
  bucket = memoryBucket();
  const seen = recording(memoryItems());
  ({ items: table, entries } = seen);
  fleet = openFleet({ clock, items: table, bucket, processes: 2 });
  first = fleet.start();
  chain = await makeChain({ service: first, clock });
});

const leaf = (over = {}) => request("certificate", "ca", chain.leafTbs(), over);
const refusal = (reason: RegExp, code = "guard_refused") => ({
  code,
  message: expect.stringMatching(reason) as unknown,
});
const textOf = ({ tbs, signature }: Signed): string => sha256Hex(tbs) + sha256Hex(signature);

describe("two processes", () => {
  test("know what the other one did, in whichever order they are asked", async () => {
    const second = fleet.start();
    for (let at = 0; at < 6; at++) await (at % 2 === 0 ? first : second).sign(leaf());
    expect((await first.generateKey(spec({ handle: "late", purpose: "issuing-ca" }))).spki).toEqual(
      (await second.generateKey(spec({ handle: "late", purpose: "issuing-ca" }))).spki,
    );
    await second.sign(request("crl", "ca", chain.crlTbs({ number: 4 })));
    await expect(first.sign(request("crl", "ca", chain.crlTbs({ number: 4 })))).rejects.toMatchObject(
      refusal(/does not follow/),
    );
    expect(entries().filter(({ op, handle }) => op === "generate" && handle === "late")).toHaveLength(1);
  });

  test("make one signature of an operation that both are asked for at once, and both answer it", async () => {
    const second = fleet.start();
    const over = { opId: "both", requestHash: sha256Hex("both") };
    const answers = await Promise.all([first, second, first, second].map((one) => one.sign(leaf(over))));
    expect(new Set(answers.map(textOf)).size).toBe(1);
    expect(entries().filter(({ op, opId }) => op === "sign" && opId === "both")).toHaveLength(1);
  });

  test("of one key made at once give the same one; of two specs one is a conflict", async () => {
    const second = fleet.start();
    const own = spec({ handle: "rush", purpose: "issuing-ca" });
    const [a, b] = await Promise.all([first.generateKey(own), second.generateKey(own)]);
    expect(a).toEqual(b);
    const other = { ...own, handle: "rush2" };
    const both = await Promise.allSettled([
      first.generateKey(other),
      second.generateKey({ ...other, limits: { ...other.limits, ratePerSecond: 3 } }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("hold a key together to its rate, for what is in the journal; for what is counted each to its share", async () => {
    const second = fleet.start();
    await first.generateKey(
      spec({ handle: "slow", purpose: "ocsp", limits: { issuerHandle: "ca", ratePerSecond: 4 } }),
    );
    const limits = { ratePerSecond: 4, revocationBaseUrl };
    const few = await first.generateKey(spec({ handle: "few", purpose: "issuing-ca", limits }));
    const name = nameDer(commonName("Few CA"));
    const certified = { spki: few.spki, subjectNameDer: name, extensions: caExtensions(chain.root.spki, few.spki, 0) };
    await first.sign(request("certificate", "root", chain.openTbs(certified)));
    const extensions = leafExtensions(few.spki, chain.leafSpki, dns("anything.test"));
    const given = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? first : second)).map((one) =>
        one.sign(request("certificate", "few", chain.openLeafTbs({ issuerNameDer: name, extensions }))),
      ),
    );
    const codes = given.map((one) => (one.status === "rejected" ? (one.reason as Failure).code : "signed"));
    expect(codes.filter((code) => code === "signed")).toHaveLength(4);
    expect(codes.filter((code) => code === "overloaded")).toHaveLength(8);
    for (const one of [first, second]) {
      const tries = await Promise.allSettled(
        Array.from({ length: 5 }, () => one.sign(request("ocsp", "slow", chain.ocspTbs()))),
      );
      const over = tries.filter((t) => t.status === "rejected" && (t.reason as Failure).code === "overloaded");
      expect(over).toHaveLength(3); // of 4 in all its share is 2
    }
  });

  test("know each other's tenants' keys: no leaf for one, no CA over one", async () => {
    const second = fleet.start();
    const theirs = await second.generateKey(spec({ tenant: "other", handle: "ca", purpose: "issuing-ca" }));
    await expect(
      first.sign(
        request(
          "certificate",
          "ca",
          chain.leafTbs({ spki: theirs.spki, extensions: leafExtensions(chain.ca.spki, theirs.spki) }),
        ),
      ),
    ).rejects.toMatchObject(refusal(/belongs to this signer/));
    await expect(first.sign(request("certificate", "root", chain.caTbs({ spki: theirs.spki })))).rejects.toMatchObject(
      refusal(/./),
    );
    expect(entries().filter(({ op, tbs }) => op === "sign" && tbs?.includes("never") === true)).toEqual([]);
  });
});

describe("a certificate", () => {
  test("takes one write of at most 2 KB, and one read beside the signature", async () => {
    const seen = counted(table);
    const warm = fleet.start({ items: seen.items });
    await warm.sign(leaf());
    seen.asked.length = 0;
    seen.written.length = 0;
    await warm.sign(leaf());
    expect(seen.asked.map((line) => line.replace(/[0-9a-f]{64}/, "…"))).toEqual(["get K#…", "put T#acme#J"]);
    const [{ pk, sk, body } = { pk: "", sk: "", body: new Uint8Array(0) }] = seen.written;
    const names = "pkskrevbody".length;
    expect(names + pk.length + sk.length + 2 + body.length).toBeLessThan(2048);
  });

  test("whose put was done and whose answer was lost is answered, with one record", async () => {
    let lose = true;
    const second = fleet.start({
      items: {
        ...table,
        async put(item, condition) {
          const done = await table.put(item, condition);
          if (lose && item.pk === "T#acme#J") {
            lose = false;
            throw new Failure("unavailable", "no answer");
          }
          return done;
        },
      },
    });
    const asked = leaf();
    const signed = await second.sign(asked);
    expect(textOf(await first.sign(asked))).toBe(textOf(signed));
    expect(entries().filter(({ opId }) => opId === asked.opId)).toHaveLength(1);
  });

  test("whose put was not done is not answered, and the next try signs", async () => {
    let broken = true;
    const second = fleet.start({
      items: {
        ...table,
        put: (item, condition) =>
          broken ? Promise.reject(new Failure("unavailable", "throttled")) : table.put(item, condition),
      },
    });
    const asked = leaf();
    await expect(second.sign(asked)).rejects.toMatchObject({ code: "unavailable" });
    broken = false;
    await expect(second.sign(asked)).resolves.toBeDefined();
    expect(entries().filter(({ opId }) => opId === asked.opId)).toHaveLength(1);
  });

  test("against ever new records of others ends as overloaded, and nothing is released", async () => {
    const second = fleet.start({ items: { ...table, put: async (item) => !item.pk.endsWith("#J") } });
    await expect(second.sign(leaf())).rejects.toMatchObject({ code: "overloaded", retryAfter: 1 });
  });
});

test("a status is judged by records at most a second old, counted from before they were asked for", async () => {
  let slow = 0;
  const second = fleet.start({
    items: {
      ...table,
      async after(pk, sk, limit) {
        const page = await table.after(pk, sk, limit);
        if (pk.endsWith("#J")) now += slow;
        return page;
      },
    },
  });
  await first.sign(leaf());
  slow = 900;
  await second.sign(request("ocsp", "ocsp", chain.ocspTbs()));
  slow = 0;
  const entries = [{ serial: leafSerial, revokedAtMs: now, reason: "superseded" as const }];
  await first.sign(request("crl", "ca", chain.crlTbs({ entries })));
  now += 900;
  await expect(second.sign(request("ocsp", "ocsp", chain.ocspTbs()))).rejects.toMatchObject(
    refusal(/is on the CRL and cannot be good/),
  );
});

describe("a CRL too large for an item", () => {
  const sizeOf = (entries: number) =>
    chain.crlTbs({
      entries: Array.from({ length: entries }, (_, at) => ({
        serial: `550f${String(at).padStart(28, "0")}`,
        revokedAtMs: now,
        reason: "superseded" as const,
      })),
    });

  test.each([
    ["lost", (name: string) => void bucket.objects.delete(name)],
    ["replaced", (name: string) => void bucket.objects.set(name, chain.crlTbs({ number: 9 }))],
  ])("is told by nobody as signed once the bucket has it %s", async (_, spoil) => {
    const asked = request("crl", "ca", sizeOf(12_000));
    const signed = await first.sign(asked);
    const [name = ""] = bucket.objects.keys();
    expect(name).toMatch(/^tbs\/acme\/[0-9a-f]{64}$/);
    expect(textOf(await first.sign(asked))).toBe(textOf(signed));
    spoil(name);
    const damaged = refusal(/TBS.*lies in the signer's bucket/, "corrupt");
    await expect(first.sign(asked)).rejects.toMatchObject(damaged);
    await expect(first.journal("acme", 0, 1000)).rejects.toMatchObject(damaged);
  });
});

describe("a cold start", () => {
  test("reads what another process has remembered, and only what came after", async () => {
    for (let at = 0; at < 20; at++) await first.sign(leaf());
    await first.remember();
    await first.sign(leaf());
    const seen = counted(table);
    const cold = fleet.start({ items: seen.items });
    const before = await first.journal("acme", 0, 1000);
    const again = before.find(({ op, type }) => op === "sign" && type === "certificate");
    const record = entries().find(({ opId }) => opId === again?.opId);
    await cold.sign(leaf({ opId: record?.opId, requestHash: record?.requestHash }));
    await cold.sign(leaf());
    expect(entries().filter(({ opId }) => opId === record?.opId)).toHaveLength(1);
    expect(seen.asked.filter((line) => line === "after T#acme#J")).toHaveLength(1);
  });

  test("does not believe what it did not write, says so, and reads the journal instead", async () => {
    await first.remember();
    const [name, bytes] = [...bucket.objects][0] ?? ["", new Uint8Array()];
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    bucket.objects.set(name, bytes);
    const cold = fleet.start();
    await cold.sign(leaf());
    expect(fleet.warnings).toEqual([expect.stringMatching(/remembered\/acme that this signer did not write/)]);
    bucket.objects.set("remembered/other", bucket.objects.get(name) ?? bytes);
    await fleet.start().generateKey(spec({ tenant: "other" }));
    expect(fleet.warnings).toHaveLength(2);
  });

  test("after a journal that lost records is refused; so is one whose record was changed, or is missing", async () => {
    await first.remember();
    const journal = table.all().filter(({ pk }) => pk === "T#acme#J");
    const last = journal.at(-1) as SharedItem;
    await table.delete(last, { rev: 1 });
    await expect(fleet.start().sign(leaf())).rejects.toMatchObject(
      refusal(/has not the \d+ records that the signer remembers/, "corrupt"),
    );
    bucket.objects.clear();
    const middle = journal[3] as SharedItem;
    const body = Buffer.from(middle.body.slice());
    body.write(body.includes("acme") ? "acmf" : "x", body.indexOf("acme"));
    await table.put({ ...middle, rev: 2, body }, { rev: 1 });
    await expect(fleet.start().sign(leaf())).rejects.toMatchObject(refusal(/damaged at record 4/, "corrupt"));
    await table.delete(middle, { rev: 2 });
    await expect(fleet.start().sign(leaf())).rejects.toMatchObject(refusal(/lacks record 4/, "corrupt"));
  });

  test("of a restored table records that, once, before anything is signed: CRL numbers rise above it", async () => {
    await first.sign(request("crl", "ca", chain.crlTbs({ number: 5 })));
    const time = start + 7;
    await table.put(restoredItem({ time, from: "backup-1" }), "absent");
    const [second, third] = [fleet.start(), fleet.start()];
    const point = { distributionPointUrl: crlUrlOf(chain.ca.spki, 1) };
    await expect(second.sign(request("crl", "ca", chain.crlTbs({ number: 6 })))).rejects.toMatchObject(
      refusal(new RegExp(`does not follow ${time}`)),
    );
    await third.sign(request("crl", "ca", chain.crlTbs({ number: time + 1, ...point })));
    await second.generateKey(spec({ tenant: "fresh" }));
    const restored = entries().filter(({ op }) => op === "restore");
    expect(restored).toMatchObject([{ tenant: "acme", time, reason: "restored from backup-1" }]);
  });
});
