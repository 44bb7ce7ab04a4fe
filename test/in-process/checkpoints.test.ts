/** Signed checkpoints over the real log: what is proved by them, and what damage they show (I3). */
import { describe, expect, test } from "vitest";
import { checkpointOf, createCheckpoints } from "#events/checkpoints/checkpoints";
import { writeCut } from "#events/checkpoints/cut";
import { proveConsistency, proveInclusion } from "#events/checkpoints/prove";
import { createEventLog } from "#events/log/log";
import { createDuties } from "#functions/clock/app";
import { Failure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";
import { utf8 } from "#shared/kernel/bytes";
import { formatCheckpoint } from "#shared/tlog/checkpoint";
import { createFrontier, readFrontier } from "#shared/tlog/frontier";
import { hashReader } from "#events/checkpoints/tree";
import { sha256Hex } from "#shared/crypto/hash";
import { encodeTreeEntry } from "#shared/tlog/entry";
import { leafHash } from "#shared/tlog/merkle-tree";
import { consistencyProof, provesConsistency, provesInclusion } from "#shared/tlog/proofs";
import { parseNote, verifyNote } from "#shared/tlog/signed-note";
import { recordedWakes, storedRows } from "#test/log/local-log";
import { directApi } from "./direct-api.ts";
import { type House, openHouse } from "./house.ts";

let members = 0;

async function commit(log: EventLog, count: number, tenant = "acme"): Promise<void> {
  for (let n = 0; n < count; n++)
    await log.commit({
      tenant,
      actor: { subject: "tester", roles: [] },
      at: 0,
      stream: { kind: "member", id: `m${++members}`, rev: 0, state: undefined, origin: undefined },
      event: { type: "member.upserted", data: { display_name: "x", email: null, roles: [] } },
    });
}

/** As the house, with a log of so many lanes. */
function laned({ deps }: House, lanes: number) {
  const log = createEventLog({
    tables: deps.tables,
    wakes: recordedWakes(),
    lanes,
  });
  return { ...deps, log };
}

const at = (cut: Parameters<typeof checkpointOf>[0] | undefined) => {
  if (cut === undefined) throw new Error("no checkpoint");
  return checkpointOf(cut);
};

describe.each([1, 8])("a log of %i lanes", (lanes) => {
  test("every event of every checkpoint is proved, every checkpoint extends those before it", {
    timeout: 60_000,
  }, async () => {
    await using house = await openHouse([]);
    const deps = laned(house, lanes);
    const checkpoints = createCheckpoints(deps);
    expect(await checkpoints.make("acme")).toBeUndefined();
    const sizes: number[] = [];
    for (const more of [1, 2, 255, 40, 300]) {
      await commit(deps.log, more);
      const cut = await checkpoints.make("acme");
      sizes.push(cut?.size ?? 0);
      await verifyNote(parseNote(cut?.note ?? ""), await checkpoints.key("acme"));
      expect(await checkpoints.make("acme")).toEqual(cut);
    }
    expect(sizes).toEqual([1, 3, 258, 298, 598]);
    const seen = new Set<number>();
    for (const { lane, seq } of await deps.log.heads("acme"))
      for (let one = 1; one <= seq; one += 7) {
        const { index, link, proof, cut } = await proveInclusion(deps, checkpoints, "acme", { lane, seq: one });
        seen.add(index);
        const { size, root } = at(cut);
        expect(provesInclusion({ index, size, root, proof, leaf: leafHash(encodeTreeEntry(link)) })).toBe(true);
      }
    expect(Math.max(...seen)).toBeLessThan(598);
    for (const from of sizes)
      for (const to of sizes.filter((size) => size >= from)) {
        const proven = await proveConsistency(deps, checkpoints, "acme", from, to);
        expect(provesConsistency(at(proven.from), at(proven.to), proven.proof)).toBe(true);
      }
    expect(house.reported).toEqual([]);
  });

  test("cut off between any two steps, the next run finishes the same tree", async () => {
    await using house = await openHouse([]);
    const deps = laned(house, lanes);
    const checkpoints = createCheckpoints(deps);
    await commit(deps.log, 20);
    const first = await checkpoints.make("acme");
    await commit(deps.log, 20);
    const dying = (signed: boolean) =>
      createCheckpoints({
        ...deps,
        signer: {
          ...deps.signer,
          async sign(request) {
            if (signed) await deps.signer.sign(request);
            throw new Failure("unavailable", "cut off");
          },
        },
      });
    await expect(dying(false).make("acme")).rejects.toThrow("cut off");
    await commit(deps.log, 5);
    await expect(dying(true).make("acme")).rejects.toThrow("cut off");
    await commit(deps.log, 5);
    const last = await checkpoints.make("acme");
    expect(last?.size).toBe(50);
    const middle = await proveConsistency(deps, checkpoints, "acme", 40);
    expect(middle.to.size).toBe(50);
    expect((await proveConsistency(deps, checkpoints, "acme", first?.size ?? 0, 40)).to.size).toBe(40);
  });

  test("many at once make one chain of checkpoints", async () => {
    await using house = await openHouse([]);
    const deps = laned(house, lanes);
    const runners = Array.from({ length: 6 }, () => createCheckpoints(deps));
    for (let round = 0; round < 4; round++) {
      const committing = commit(deps.log, 10);
      await Promise.all(runners.map((runner) => runner.make("acme")));
      await committing;
    }
    const last = await (runners[0] as (typeof runners)[number]).make("acme");
    expect(last?.size).toBe(40);
    await proveConsistency(deps, runners[0] as (typeof runners)[number], "acme", 40);
  });
});

test("lost or damaged tiles are made again from the log", async () => {
  await using house = await openHouse([]);
  const { deps } = house;
  const checkpoints = createCheckpoints(deps);
  await commit(deps.log, 300);
  await checkpoints.make("acme");
  for (const key of await deps.blob.list("acme/tile/")) await deps.blob.delete(key);
  await proveInclusion(deps, checkpoints, "acme", { lane: 0, seq: 77 });
  const [tile = ""] = await deps.blob.list("acme/tile/0/");
  await deps.blob.put(tile as never, new Uint8Array(32 * 256));
  await proveInclusion(deps, checkpoints, "acme", { lane: 0, seq: 77 });
  for (const key of await deps.blob.list("acme/tile/")) await deps.blob.put(key as never, new Uint8Array(32 * 300));
  await commit(deps.log, 10);
  expect((await checkpoints.make("acme"))?.size).toBe(310);
});

test("a log that was rewritten, chain and all, gets no checkpoint and no proof", async () => {
  await using house = await openHouse([]);
  const { deps, sqlite } = house;
  const checkpoints = createCheckpoints(deps);
  await commit(deps.log, 5);
  await checkpoints.make("acme");
  // Another history of the same length, sound in itself, and the blobs gone: as somebody with the disk would do it.
  await commit(deps.log, 5, "evil");
  const rows = storedRows(sqlite, "evil").filter(({ pk }) => pk.startsWith("T#evil#L#"));
  const change = sqlite.db.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?");
  for (const { pk, sk, body } of rows) change.run(body, pk.replace("evil", "acme"), sk);
  const again = createEventLog({
    tables: deps.tables,
    wakes: recordedWakes(),
    lanes: 1,
  });
  const fresh = { ...deps, log: again };
  await expect(proveInclusion(fresh, createCheckpoints(fresh), "acme", { lane: 0, seq: 3 })).rejects.toMatchObject({
    code: "corrupt",
  });
  await commit(again, 1);
  await expect(createCheckpoints(fresh).make("acme")).rejects.toThrow(/event \d+ of lane 0 .*changed or damaged/);
});

test("with the cuts thrown away too, the signer remembers: nothing is signed", async () => {
  await using house = await openHouse([]);
  const { deps, sqlite } = house;
  await commit(deps.log, 5);
  await createCheckpoints(deps).make("acme");
  sqlite.db.prepare("DELETE FROM item WHERE pk = ?").run("T#acme#C");
  await commit(deps.log, 5);
  await expect(createCheckpoints(deps).make("acme")).rejects.toThrow(/the log of 10 extends the one of 5/);
});

test("an unsigned cut is no checkpoint: it is neither shown nor proved by", async () => {
  await using house = await openHouse([]);
  const { deps } = house;
  const checkpoints = createCheckpoints(deps);
  await commit(deps.log, 3);
  await checkpoints.make("acme");
  await commit(deps.log, 2);
  const heads = await deps.log.heads("acme");
  expect(await writeCut(deps.tables.tenant("acme"), "acme", { n: 2, size: 5, heads, time: "" })).toBe(true);
  expect((await checkpoints.newest("acme"))?.size).toBe(3);
  await expect(proveInclusion(deps, checkpoints, "acme", { lane: 0, seq: 4 })).rejects.toMatchObject({
    code: "unprocessable",
  });
  await expect(proveConsistency(deps, checkpoints, "acme", 3, 5)).rejects.toMatchObject({ field: "to" });
  await expect(proveConsistency(deps, checkpoints, "acme", 2)).rejects.toMatchObject({ field: "from" });
  expect((await checkpoints.make("acme"))?.size).toBe(5);
});

test("a checkpoint that was signed for somebody who hid it shows in the reconciliation", async () => {
  await using house = await openHouse(["acme"]);
  const { deps } = house;
  const checkpoints = createCheckpoints(deps);
  const first = at(await checkpoints.make("acme"));
  const report = () => directApi(deps, "acme")({ method: "POST", path: "/audit/reconcile" });
  expect(await report()).toMatchObject({ clean: true, checkpoints: 1, checkpoint_signatures: 1 });
  // An invented event behind the true ones: the proof holds, so the signer signs.
  const invented = leafHash(encodeTreeEntry({ lane: 0, seq: first.size + 1, hash: "0".repeat(64) }));
  const read = hashReader(deps.blob, "acme");
  const grown = createFrontier(first.size, await readFrontier(read, first.size));
  grown.append(invented);
  const text = utf8(formatCheckpoint({ ...first, size: first.size + 1, root: grown.root() }));
  const proof = await consistencyProof(
    (level, index) => (level === 0 && index === first.size ? invented : read(level, index)),
    first.size,
    first.size + 1,
  );
  const signing = { tenant: "acme", handle: "checkpoint", type: "checkpoint", profile: "-" } as const;
  await deps.signer.sign({ ...signing, opId: "checkpoint/hidden", requestHash: sha256Hex(text), tbs: text, proof });
  expect(await report()).toMatchObject({ clean: false, checkpoints: 1, checkpoint_signatures: 2 });
  // And from then on the true log gets no checkpoint any more.
  await commit(deps.log, 2);
  await expect(checkpoints.make("acme")).rejects.toMatchObject({ code: "guard_refused" });
});

test("the clock makes one when there is something new, five minutes after the last", async () => {
  await using house = await openHouse(["acme"]);
  const { deps } = house;
  const duties = createDuties(deps);
  const run = () => duties((tenant) => house.settle(tenant));
  const size = async () => (await createCheckpoints(deps).newest("acme"))?.size ?? 0;
  await run();
  const first = await size();
  expect(first).toBeGreaterThan(0);
  await commit(deps.log, 1);
  house.advance(60_000);
  await run();
  expect(await size()).toBe(first);
  house.advance(5 * 60_000);
  await run();
  expect(await size()).toBeGreaterThan(first);
  expect(house.reported).toEqual([]);
});
