import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Entry, openJournal, type Place } from "./journal.ts";

let directory: string;
let files = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "trstctl-journal-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const fresh = (): string => join(directory, `own-${++files}`, "journal");

const entry = (opId: string, tenant = "acme"): Entry => ({
  time: 1,
  op: "refuse",
  tenant,
  handle: "root",
  opId,
  type: "certificate",
  reason: "a \u2028 b \n c",
});

async function reopen(path: string): Promise<Entry[]> {
  const seen: Entry[] = [];
  const journal = await openJournal(path, (one) => void seen.push(one));
  await journal.close();
  return seen;
}

async function written(...opIds: string[]): Promise<string> {
  const path = fresh();
  const journal = await openJournal(path, () => undefined);
  for (const opId of opIds) await journal.append(entry(opId));
  await journal.close();
  return path;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("what is written", () => {
  test("is a chain of lines that anybody can recompute", async () => {
    const path = await written("a", "b", "c");
    let previous = "";
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) {
      const json = line.slice(64);
      expect(line.slice(0, 64)).toBe(sha256(`trstctl/journal/1\n${previous}\n${json}`));
      previous = line.slice(0, 64);
    }
    expect(lines).toHaveLength(3);
  });

  test("belongs to its owner alone", async () => {
    const path = await written("a");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  test("comes back in order, and every place leads to its record, also after a restart", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    const ids = Array.from({ length: 500 }, (_, n) => `op-${n}`);
    const places = await Promise.all(ids.map((id) => journal.append(entry(id))));
    expect(places.map(({ n }) => n)).toEqual(ids.map((_, n) => n + 1));
    expect(await Promise.all(places.map(async (place) => (await journal.readAt(place.offset)).opId))).toEqual(ids);
    await journal.close();
    const again: { opId: string; place: Place }[] = [];
    const reopened = await openJournal(path, ({ opId }, place) => void again.push({ opId, place }));
    expect(again).toEqual(ids.map((opId, n) => ({ opId, place: places[n] })));
    await reopened.close();
  });

  test("is on the disk when append says so", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    await Promise.all(
      ["a", "b", "c"].map(async (id) => {
        const { offset, length } = await journal.append(entry(id));
        expect(readFileSync(path).length).toBeGreaterThanOrEqual(offset + length);
      }),
    );
    await journal.close();
  });

  test("an interrupted history goes on where it stood", async () => {
    const path = await written("a", "b");
    const journal = await openJournal(path, () => undefined);
    expect((await journal.append(entry("c"))).n).toBe(3);
    await journal.close();
    expect((await reopen(path)).map(({ opId }) => opId)).toEqual(["a", "b", "c"]);
  });
});

describe("scan", () => {
  test("by tenant and page, across the strides", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    const tenants = ["acme", "other", "third"];
    await Promise.all(
      Array.from({ length: 700 }, (_, n) => journal.append(entry(`op-${n}`, tenants[n % tenants.length] as string))),
    );
    for (const [at, tenant] of tenants.entries()) {
      const found: number[] = [];
      for (let after = 0; ; after = found.at(-1) ?? 0) {
        const page = await journal.scan(after, 50, (one) => one.tenant === tenant);
        found.push(...page.map(({ n }) => n));
        if (page.length < 50) break;
      }
      expect(found).toEqual(Array.from({ length: 700 }, (_, n) => n + 1).filter((n) => (n - 1) % 3 === at));
    }
    expect(await journal.scan(255, 2, () => true)).toMatchObject([{ n: 256 }, { n: 257 }]);
    expect(await journal.scan(256, 1, () => true)).toMatchObject([{ n: 257, opId: "op-256" }]);
    expect(await journal.scan(700, 5, () => true)).toEqual([]);
    expect(await journal.scan(10_000, 5, () => true)).toEqual([]);
    await journal.close();
  });

  test("shows what was on the disk when it was asked, never a part of what is being written", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    const large = "x".repeat(1_000_000);
    await journal.append(entry("first"));
    const scanning = journal.scan(0, 1000, () => true);
    const writing = Promise.all(
      Array.from({ length: 8 }, (_, n) => journal.append({ ...entry(`op-${n}`), reason: large })),
    );
    expect((await scanning).map(({ opId }) => opId)).toEqual(["first"]);
    // Asked for while a group is on its way, it waits for it.
    expect((await journal.scan(1, 1, () => true)).map(({ opId }) => opId)).toEqual(["op-0"]);
    await writing;
    expect((await journal.scan(8, 1, () => true)).map(({ opId }) => opId)).toEqual(["op-7"]);
    await journal.close();
  });

  test("gives so much at once as a frame holds, and the rest after that", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    const reason = "x".repeat(1_500_000);
    for (let n = 1; n <= 5; n++) await journal.append({ ...entry(`op-${n}`), reason });
    await journal.append({ ...entry("op-6"), reason: "x".repeat(5_000_000) });
    const pages: number[][] = [];
    for (let after = 0; ; ) {
      const page = await journal.scan(after, 1000, () => true);
      if (page.length === 0) break;
      pages.push(page.map(({ n }) => n));
      after = page.at(-1)?.n ?? 0;
    }
    expect(pages).toEqual([[1, 2], [3, 4], [5], [6]]);
    await journal.close();
  });

  test("neither it nor readAt sees what is not on the disk yet", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    const { offset, length } = await journal.append(entry("a"));
    const next = journal.append(entry("b"));
    await expect(journal.readAt(offset + length)).rejects.toMatchObject({ code: "unavailable" });
    await next;
    expect(await journal.readAt(offset + length)).toMatchObject({ opId: "b" });
    await journal.close();
  });

  test("never shows what generate holds for the signer alone", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    await journal.append({
      ...entry("key/root"),
      op: "generate",
      type: "key",
      spki: "AAAA",
      spec: { tenant: "acme", handle: "root", algorithm: "P-256", purpose: "root-ca", limits: {} },
    });
    const [record] = await journal.scan(0, 1, () => true);
    expect(Object.keys(record ?? {})).not.toContain("spec");
    expect(Object.keys(record ?? {})).not.toContain("spki");
    await journal.close();
  });
});

describe("damage", () => {
  test("a torn last record, wherever it is torn, is cut off and the rest goes on", { timeout: 60_000 }, async () => {
    const path = await written("a", "b", "c");
    const whole = readFileSync(path);
    const lastStart = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (let end = lastStart; end < whole.length; end++) {
      writeFileSync(path, whole.subarray(0, end));
      const seen: string[] = [];
      const journal = await openJournal(path, ({ opId }) => void seen.push(opId));
      expect(seen).toEqual(["a", "b"]);
      expect(statSync(path).size).toBe(lastStart);
      await journal.append(entry("d"));
      await journal.close();
      expect((await reopen(path)).map(({ opId }) => opId)).toEqual(["a", "b", "d"]);
    }
  });

  test("whatever a power cut made of the last group is cut off, also when it ends in whole lines", {
    timeout: 60_000,
  }, async () => {
    const path = await written("a", "b");
    const synced = statSync(path).size;
    const journal = await openJournal(path, () => undefined);
    await Promise.all(["c", "d", "e", "f"].map((id) => journal.append(entry(id))));
    await journal.close();
    const whole = readFileSync(path);
    for (let from = synced; from < whole.length; from += 29) {
      const torn = Buffer.from(whole);
      torn.fill(0, from, Math.min(from + 200, torn.length));
      writeFileSync(path, torn);
      const left = (await reopen(path)).map(({ opId }) => opId);
      expect(["a", "b", "c", "d", "e"].slice(0, left.length)).toEqual(left);
      expect(left.length).toBeGreaterThanOrEqual(2);
      const again = await openJournal(path, () => undefined);
      await again.append(entry("g"));
      await again.close();
      expect((await reopen(path)).map(({ opId }) => opId)).toEqual([...left, "g"]);
    }
  });

  test("the same in a group that another one followed stops the start", async () => {
    const path = fresh();
    const journal = await openJournal(path, () => undefined);
    await Promise.all(["a", "b", "c"].map((id) => journal.append(entry(id))));
    const { offset } = await journal.append(entry("d"));
    await journal.close();
    const torn = readFileSync(path);
    torn.fill(0, offset - 100, offset - 50);
    writeFileSync(path, torn);
    await expect(reopen(path)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("a changed byte stops the start; in the last record it may look like a torn one", {
    timeout: 60_000,
  }, async () => {
    const path = await written("a", "é", "c");
    const whole = readFileSync(path);
    const lastStart = whole.lastIndexOf("\n", whole.length - 2) + 1;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] as number) ^ flip;
        writeFileSync(path, damaged);
        const left = await reopen(path).catch((error: unknown) => error);
        if (at >= lastStart && Array.isArray(left)) {
          expect(left).toMatchObject([{ opId: "a" }, { opId: "é" }]);
          return;
        }
        expect(left).toMatchObject({ code: "corrupt" });
        expect(readFileSync(path).equals(damaged)).toBe(true);
      }),
      { numRuns: 300, examples: [[whole.length - 1, 1]] },
    );
  });

  test.each([
    { what: "a record taken out", change: ([a, , c]: string[]) => [a, c] },
    { what: "the first record taken out", change: ([, b, c]: string[]) => [b, c] },
    { what: "two records swapped", change: ([a, b, c]: string[]) => [b, a, c] },
    { what: "a record doubled", change: ([a, b, c]: string[]) => [a, b, b, c] },
    { what: "an empty line", change: ([a, b, c]: string[]) => [a, "", b, c] },
  ])("$what stops the start", async ({ change }) => {
    const path = await written("a", "b", "c");
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    writeFileSync(
      path,
      change(lines)
        .map((line) => `${line}\n`)
        .join(""),
    );
    await expect(reopen(path)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("a file that others can read, or a link, is refused", async () => {
    const path = await written("a");
    chmodSync(path, 0o640);
    await expect(reopen(path)).rejects.toMatchObject({ code: "misconfigured" });
    chmodSync(path, 0o600);
    const link = `${path}-link`;
    symlinkSync(path, link);
    await expect(reopen(link)).rejects.toMatchObject({ code: "misconfigured" });
    expect(existsSync(path)).toBe(true);
  });
});

/** Puts /dev/full behind the descriptor that the journal writes to: every write from then on is ENOSPC, by the kernel. */
function fillDisk(path: string): () => void {
  const target = readdirSync("/proc/self/fd").find((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
  closeSync(Number(target));
  const opened: number[] = [];
  do opened.push(openSync("/dev/full", "r+"));
  while (opened.at(-1) !== Number(target));
  return () => opened.forEach(closeSync);
}

test("after a write error this and every later call fails, and nothing is left in between", async () => {
  const path = await written("a");
  let ended = 0;
  const journal = await openJournal(path, () => undefined, { onBroken: () => void ended++ });
  expect(journal.broken()).toBeUndefined();
  const restore = fillDisk(path);
  const outcomes = await Promise.allSettled([journal.append(entry("b")), journal.append(entry("c"))]);
  expect(outcomes).toMatchObject([
    { status: "rejected", reason: { code: "unavailable" } },
    { status: "rejected", reason: { code: "unavailable" } },
  ]);
  await expect(journal.append(entry("d"))).rejects.toMatchObject({ code: "unavailable" });
  expect(journal.broken()).toMatchObject({ code: "unavailable" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(1);
  restore();
  expect((await reopen(path)).map(({ opId }) => opId)).toEqual(["a"]);
});

describe("a record that somebody else wrote, with the hash that fits", () => {
  const sound = JSON.stringify(entry("op-1"));
  test.each(["", "{", "null", "7", "[]", "{}", '{"op":"sign"}', JSON.stringify({ ...entry("op-1"), tbs: 7 })])(
    "%j is named as damage",
    async (text) => {
      const path = fresh();
      await (await openJournal(path, () => undefined)).close();
      let hash = "";
      const lines = [sound, text].map((json) => {
        hash = createHash("sha256").update(`trstctl/journal/1\n${hash}\n${json}`).digest("hex");
        return `${hash}${json}\n`;
      });
      writeFileSync(path, lines[0] ?? "");
      expect(await reopen(path)).toHaveLength(1);
      writeFileSync(path, lines.join(""));
      await expect(reopen(path)).rejects.toMatchObject({
        code: "corrupt",
        message: expect.stringMatching(/damaged at record 2 .*restore it from a backup/) as unknown,
      });
    },
  );
});
