/** An export verifies from its files and a key alone; whatever is done to it is found, and named (I3). */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifyArchive, type ArchiveReport } from "#cli/archive/verify";
import { openCheckpoint } from "#cli/archive/check-checkpoints";
import { fromTheBeginning, writeArchive } from "#cli/archive/write";
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { chainHash } from "#events/log/chain";
import { createEventLog } from "#events/log/log";
import { utf8 } from "#shared/kernel/bytes";
import { formatCheckpoint } from "#shared/tlog/checkpoint";
import { formatNote, noteSignature, type VerifierKey } from "#shared/tlog/signed-note";
import { recordedWakes } from "#test/log/local-log";
import { checkpointForger } from "./checkpoint-forger.ts";
import { directApi } from "./direct-api.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let folder: string;
/** As it was exported, and a copy of it to do harm to. */
let original: string;
let copy: string;
let key: VerifierKey;
let forge: (text: string) => string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "archive-"));
  [original, copy] = [join(folder, "original"), join(folder, "copy")];
  house = await openHouse([]);
  const forger = checkpointForger(house.deps.signer);
  const log = createEventLog({ tables: house.deps.tables, wakes: recordedWakes(), lanes: 3 });
  const deps = { ...house.deps, log, signer: forger.signer };
  const checkpoints = createCheckpoints(deps);
  for (const events of [20, 1, 260, 30]) {
    for (let n = 0; n < events; n++)
      await log.commit({
        tenant: "acme",
        actor: { subject: "tester", roles: [] },
        at: 0,
        stream: { kind: "member", id: `m${events}-${n}`, rev: 0, state: undefined, origin: undefined },
        event: { type: "member.upserted", data: { display_name: "x é", email: null, roles: [] } },
      });
    await checkpoints.make("acme");
  }
  key = await checkpoints.key("acme");
  forge = (text) => formatNote({ text, signatures: [noteSignature(key, forger.sign(utf8(text)))] });
  await writeArchive(directApi(deps, "acme"), original, fromTheBeginning);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(copy, { recursive: true, force: true });
  cpSync(original, copy, { recursive: true });
});

const read = (name: string): string => readFileSync(join(copy, name), "utf8");
const write = (name: string, text: string): void => writeFileSync(join(copy, name), text);
const lines = (): string[] => read("events.ndjson").split("\n").slice(0, -1);
const writeLines = (all: readonly string[]): void => write("events.ndjson", `${all.join("\n")}\n`);
const problems = ({ faults }: ArchiveReport): string[] => faults.map(({ where, problem }) => `${where}: ${problem}`);
const verify = (): Promise<ArchiveReport> => verifyArchive(copy, key);

interface Line {
  readonly lane: number;
  readonly sequence: number;
  readonly hash: string;
  readonly event: string;
}
const parsed = (): Line[] => lines().map((line) => JSON.parse(line) as Line);
const nameOf = ({ lane, sequence }: Line): string => `event ${sequence} of lane ${lane}`;

test("as exported, everything holds", async () => {
  expect(await verify()).toMatchObject({
    tenant: "acme",
    first: 0,
    size: 311,
    events: 311,
    pruned: 0,
    checkpoints: 4,
    holds: true,
    faults: [],
  });
});

test("whatever byte of whatever file is another, it is found", { timeout: 120_000 }, async () => {
  const files = readdirSync(original, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(original.length + 1));
  expect(files.length).toBeGreaterThan(10);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (file, place, flip) => {
        const before = readFileSync(join(copy, file));
        const bytes = Uint8Array.from(before);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        writeFileSync(join(copy, file), bytes);
        const report = await verify();
        writeFileSync(join(copy, file), before);
        expect(report.holds, `${file} byte ${at}`).toBe(false);
        expect(report.faults.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 80 },
  );
});

test("a file that is cut off, removed, or added is found", { timeout: 120_000 }, async () => {
  const files = readdirSync(original, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(original.length + 1));
  for (const file of files) {
    const before = readFileSync(join(copy, file));
    writeFileSync(join(copy, file), before.subarray(0, -1));
    expect((await verify()).holds, `${file} cut`).toBe(false);
    rmSync(join(copy, file));
    // A checkpoint of the middle may be left out: those behind it cover its events.
    if (!/^checkpoints\/0*(20|21|281)$/.test(file)) expect((await verify()).holds, `${file} gone`).toBe(false);
    writeFileSync(join(copy, file), before);
  }
  write("notes.txt", "");
  expect(problems(await verify())).toEqual(["notes.txt: the file does not belong to an export"]);
});

describe("named:", () => {
  test("an event that was changed", async () => {
    const all = parsed();
    const victim = all[100] as Line;
    writeLines(lines().with(100, JSON.stringify({ ...victim, event: victim.event.replace("x é", "y é") })));
    expect(problems(await verify())).toEqual([
      `${nameOf(victim)}: its text, its hash or the hash before it was changed: they do not fit each other`,
    ]);
  });

  test("an event that was changed with all hashes behind it", async () => {
    const victim = parsed()[100] as Line;
    let prev =
      parsed().find(({ lane, sequence }) => lane === victim.lane && sequence === victim.sequence - 1)?.hash ?? "";
    const forged = parsed().map((line) => {
      if (line.lane !== victim.lane || line.sequence < victim.sequence) return line;
      const event = line.sequence === victim.sequence ? line.event.replace("x é", "y é") : line.event;
      prev = chainHash({ tenant: "acme", lane: line.lane, seq: line.sequence, prev, event });
      return { ...line, event, hash: prev };
    });
    writeLines(forged.map((line) => JSON.stringify(line)));
    const found = problems(await verify());
    expect(found).toContain(
      `${nameOf(victim)}: it is not the one in tile/entries/000: one of them was changed or moved`,
    );
    expect(found).toContain(
      "checkpoint of 281: its root is not that of the first 281 events: they are not the ones it was signed over",
    );
  });

  test("an event that is missing", async () => {
    const victim = parsed()[30] as Line;
    writeLines(lines().toSpliced(30, 1));
    const found = problems(await verify());
    expect(found).toContain(`${nameOf(victim)}: the event is missing`);
    expect(found).toContain("events.ndjson: truncated: the events end at 310, the last checkpoint covers 311");
  });

  test("events that changed places, in their lane and across lanes", async () => {
    const all = lines();
    const within = parsed().findIndex(({ lane }, at) => at > 30 && parsed()[at + 1]?.lane === lane);
    writeLines(all.with(within, all[within + 1] ?? "").with(within + 1, all[within] ?? ""));
    expect(problems(await verify()).join("\n")).toMatch(
      new RegExp(`${nameOf(parsed()[within + 1] as Line)}: it stands behind event \\d+: events were reordered`),
    );
    writeLines(all);
    const across = parsed().findIndex(({ lane }, at) => at > 21 && parsed()[at + 1]?.lane === lane + 1);
    writeLines(all.with(across, all[across + 1] ?? "").with(across + 1, all[across] ?? ""));
    expect(problems(await verify()).join("\n")).toMatch(
      /it stands behind events of lane \d that the same checkpoint covers: events were reordered/,
    );
  });

  test("an event that stands there twice", async () => {
    writeLines(lines().toSpliced(50, 0, lines()[50] ?? ""));
    expect(problems(await verify())).toContain(`${nameOf(parsed()[50] as Line)}: it stands there twice`);
  });

  test("events cut off at the end, alone or with the checkpoints that covered them", async () => {
    writeLines(lines().slice(0, 300));
    expect(problems(await verify())).toContain(
      "events.ndjson: truncated: the events end at 300, the last checkpoint covers 311",
    );
    // With the checkpoints gone too, the files alone are an older state: only who kept a checkpoint can tell.
    const kept = await openCheckpoint(read("checkpoints/000000000311"), key);
    rmSync(join(copy, "checkpoints/000000000311"));
    rmSync(join(copy, "tile"), { recursive: true });
    cpSync(join(copy, "checkpoints/000000000281"), join(copy, "checkpoint"));
    writeLines(lines().slice(0, 281));
    const report = await verifyArchive(copy, key, [{ ...kept, name: "kept" }]);
    expect(problems(report)).toContain("kept: rolled back: it covers 311 events, the export only 281");
  });

  test("two signed checkpoints of which one is of another history", async () => {
    const forked = forge(formatCheckpoint({ origin: key.name, size: 281, root: new Uint8Array(32).fill(1) }));
    write("checkpoints/000000000281", forked);
    expect(problems(await verify())).toEqual([
      "checkpoint of 281: forked: it was signed over another history than the checkpoint of 311",
    ]);
    const kept = await openCheckpoint(forked, key);
    cpSync(join(original, "checkpoints/000000000281"), join(copy, "checkpoints/000000000281"));
    expect(problems(await verifyArchive(copy, key, [{ ...kept, name: "kept" }]))).toEqual([
      "kept: forked: it was signed over other 281 events than these",
    ]);
  });

  test("a checkpoint with another's name, of another log, or with a signature that does not fit", async () => {
    write("checkpoints/000000000022", read("checkpoints/000000000021"));
    expect(problems(await verify())).toEqual([
      "checkpoints/000000000022: it holds the checkpoint of 21 events: checkpoints changed places",
    ]);
    rmSync(join(copy, "checkpoints/000000000022"));
    write(
      "checkpoints/000000000021",
      forge(formatCheckpoint({ origin: "trstctl/other/0", size: 21, root: new Uint8Array(32) })),
    );
    expect(problems(await verify())[0]).toMatch(
      /checkpoints\/000000000021: the checkpoint was changed or is of another log: it is of trstctl\/other\/0/,
    );
    write("checkpoints/000000000021", read("checkpoints/000000000020").replace("\n20\n", "\n21\n"));
    expect(problems(await verify())[0]).toMatch(
      /000000000021: the checkpoint was changed or is of another log: the signature of .* does not fit/,
    );
  });

  test("a tile that was changed", async () => {
    const bytes = readFileSync(join(copy, "tile/0/000"));
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(join(copy, "tile/0/000"), bytes);
    expect(problems(await verify())).toEqual(["tile/0/000: the tile was changed: it is not what the events give"]);
  });

  test("an export of another tenant, or under another key", async () => {
    write("manifest.json", read("manifest.json").replace("acme", "evil"));
    expect(problems(await verify())[0]).toContain(
      "manifest.json: it is of tenant evil, the key speaks for trstctl/acme/",
    );
    const other = { ...key, publicKey: key.publicKey.map((byte) => byte ^ 1) };
    expect((await verifyArchive(original, other)).faults[0]?.problem).toMatch(/bears no signature of trstctl\/acme/);
  });
});
