/** A start that remembers knows what a start that reads everything knows, and believes nobody else's memory. */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { hmacSha256 } from "#shared/crypto/hmac";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { makeRa } from "#test/signer/ra";
import { type Chain, makeChain, openWorkshop, request, type Workshop } from "#test/signer/workshop";
import { openJournal, rememberedBeside } from "./journal.ts";
import { recheckJournal } from "./journal-check.ts";
import { openKeyStore } from "./keys/key-files.ts";
import { openMemory, type Remembered, unpackMemory } from "./remembered.ts";
import { createSignerService } from "./service.ts";

let own: Workshop;
let chain: Chain;
let path: string;

beforeEach(async () => {
  own = await openWorkshop();
  chain = await makeChain(own);
  path = rememberedBeside(own.journalPath);
});
afterEach(() => own[Symbol.asyncDispose]());

/** @param read how many records it had to read again */
async function open(kek = own.kek) {
  let read = 0;
  const memory = openMemory(path, kek);
  const service = await createSignerService({
    keys: openKeyStore(join(own.directory, "keys"), new SecretBytes(own.kek.reveal().slice())),
    clock: own.clock,
    openJournal: (onRecord, from) =>
      openJournal(
        own.journalPath,
        (...record) => {
          read++;
          onRecord(...record);
        },
        { from },
      ),
    memory,
  });
  return { service, memory, read };
}

/** What a service that reads the whole journal would save. */
async function learntFromJournal(): Promise<Remembered | undefined> {
  let saved: Remembered | undefined;
  const service = await createSignerService({
    keys: openKeyStore(join(own.directory, "keys"), new SecretBytes(own.kek.reveal().slice())),
    clock: own.clock,
    openJournal: (onRecord) => openJournal(own.journalPath, onRecord),
    memory: { remembered: undefined, save: (remembered) => void (saved = remembered) },
  });
  await service.remember(1);
  return saved;
}

test("what a newer runtime remembered is no trouble for an older one: the journal has it", () => {
  const key = randomBytes(32);
  const [header = 0, version = 0, ...rest] = serialize({ version: 2 });
  const newer = Buffer.from([header, version + 1, ...rest]);
  expect(() => deserialize(newer) as unknown).toThrow(/deserialize/);
  expect(unpackMemory(key, Buffer.concat([hmacSha256(key, newer), newer]))).toBeUndefined();
});

describe("a start that remembers", () => {
  test("reads only what came after, and knows the same as one that reads everything", async () => {
    const first = await open();
    const leaf = request("certificate", "ca", chain.leafTbs());
    await first.service.sign(leaf);
    await first.service.sign(request("crl", "ca", chain.crlTbs({ number: 1 })));
    const ra = await makeRa({ service: first.service, clock: own.clock }, chain);
    await first.service.remember(1);
    await first.service.sign(request("crl", "ca", chain.crlTbs({ number: 2 })));

    const second = await open();
    expect(second.read).toBe(1);
    await second.service.remember(1);
    expect(openMemory(path, own.kek).remembered).toEqual(await learntFromJournal());

    expect((await second.service.sign(request("cms", "ra", ra.certRep()))).signature).toHaveLength(256);
    const before = own.entries().length;
    await second.service.sign(leaf);
    expect(own.entries()).toHaveLength(before); // answered from the journal
    const again = { ...leaf, opId: "another" };
    await expect(second.service.sign(again)).rejects.toThrow(/serial number .* was given away/);
    await expect(second.service.sign(request("crl", "ca", chain.crlTbs({ number: 2 })))).rejects.toThrow(/follow/);
    await second.service.sign(request("crl", "ca", chain.crlTbs({ number: 3 })));
  });

  test("what is in work is not remembered as done", async () => {
    const { service } = await open();
    const work = service.sign(request("crl", "ca", chain.crlTbs({ number: 1 })));
    await service.remember(1);
    await work;
    expect(openMemory(path, own.kek).remembered?.journal.n).toBe(own.entries().length);
  });

  test("is refused a memory that was changed, cut, or made with another key", async () => {
    await (await open()).service.remember(1);
    const bytes = readFileSync(path);
    for (const at of [0, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await expect(open()).rejects.toThrow(/was changed, or made with another key encryption key/);
    }
    for (const length of [0, 31, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(open()).rejects.toMatchObject({ code: "corrupt" });
    }
    writeFileSync(path, bytes);
    await expect(open(new SecretBytes(randomBytes(32)))).rejects.toMatchObject({ code: "corrupt" });
    expect((await open()).read).toBe(0);
  });

  test("is refused a journal that is not the one it remembers", async () => {
    await (await open()).service.remember(1);
    const journal = readFileSync(own.journalPath);
    const lines = journal.toString("utf8").split("\n").slice(0, -1);
    truncateSync(own.journalPath, journal.length - Buffer.byteLength(lines.at(-1) ?? "") - 1);
    await expect(open()).rejects.toThrow(/has not the \d+ records that the signer remembers/);
    writeFileSync(own.journalPath, journal);
    expect((await open()).read).toBe(0);
  });

  test("finds damage in what it did not read, behind its back", async () => {
    const { service } = await open();
    await service.remember(1);
    const { remembered } = openMemory(path, own.kek);
    if (remembered === undefined) throw new Error("nothing is remembered");
    await recheckJournal(own.journalPath, remembered.journal);
    const journal = readFileSync(own.journalPath);
    journal[100] = (journal[100] ?? 0) ^ 1;
    writeFileSync(own.journalPath, journal);
    expect((await open()).read).toBe(0);
    await expect(recheckJournal(own.journalPath, remembered.journal)).rejects.toThrow(/damaged at record 1/);
  });
});
