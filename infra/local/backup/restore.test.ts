import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOfBody, textOfBody } from "#events/log/record";
import { sha256Hex } from "#shared/crypto/hash";
import { base64, utf8 } from "#shared/kernel/bytes";
import { openJournal } from "#signer/journal";
import { installation } from "#test/backup/installation";
import { type Kept, keptBackup } from "#test/backup/kept";
import { claimDataDirectory } from "../data-directory.ts";
import { readMarker, writeMarker } from "../data-marker.ts";
import type { Places } from "../places.ts";
import { createBackup } from "./create.ts";
import { verifyBackup } from "./verify.ts";

let here: Kept;
beforeAll(() => {
  here = keptBackup();
});
afterAll(() => here[Symbol.dispose]());

function rowsOf({ host }: Places, table: string, order: string): unknown[] {
  const db = new DatabaseSync(join(host, "store.db"), { readOnly: true });
  try {
    return db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all();
  } finally {
    db.close();
  }
}
const items = (places: Places): unknown[] => rowsOf(places, "item", "pk, sk");
const kept = (places: Places): unknown[] =>
  items(places).filter((row) => !/#(U#idempotency|O#attempt)/.test((row as { pk: string }).pk));
const keyFiles = ({ signer }: Places): (readonly [string, string])[] =>
  readdirSync(join(signer, "keys"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name, readFileSync(join(signer, "keys", name), "utf8")] as const);

describe("what was restored", () => {
  it("is the same installation: rows, names, keys, journal, secret of the host", async () => {
    const places = here.free();
    await here.restore(here.file, places);
    expect(items(places)).toEqual(kept(here.places));
    expect(rowsOf(places, "directory", "kind, value")).toEqual(rowsOf(here.places, "directory", "kind, value"));
    expect(keyFiles(places)).toEqual(keyFiles(here.places));
    expect(keyFiles(places).length).toBeGreaterThan(10);
    expect(readFileSync(join(places.host, "host.key"))).toEqual(readFileSync(join(here.places.host, "host.key")));
    const [before = "-", after = ""] = [here.places, places].map(({ signer }) =>
      readFileSync(join(signer, "journal"), "utf8"),
    );
    const [said = "", ...restores] = after.split(/^(?=.{64}[{][^\n]*"op":"restore")/m);
    expect(before.startsWith(said)).toBe(true);
    expect(before.slice(said.length)).not.toContain('"op":"sign"');
    expect(restores).toHaveLength(3); // one for each tenant
    expect(readMarker(places.data)).toEqual(readMarker(here.places.data));
    expect(claimDataDirectory(places)).toEqual([]);
  });

  it("knows of no signature that came after the moment of the store", async () => {
    using busy = installation();
    const path = join(busy.places.signer, "journal");
    const journal = await openJournal(path, () => undefined);
    const late = { op: "sign", type: "crl", tenant: "default", handle: "root", opId: "crl/late/0/9" } as const;
    await journal.append({ ...late, time: 1, tbs: base64(utf8("a revocation that the store has not seen")) });
    await journal.close();
    expect(readFileSync(path, "utf8")).toContain("crl/late/0/9");
    const [file, places] = [join(busy.directory, "b"), here.free()];
    const { journal_records } = verifyBackup(here.file, here.key, undefined);
    expect(createBackup(busy.places, file, here.key, "0").journal_records).toBe(journal_records + 1);
    await here.restore(file, places);
    expect(readFileSync(join(places.signer, "journal"), "utf8")).not.toContain("crl/late/0/9");
    await openJournal(join(places.signer, "journal"), () => undefined).then((restored) => restored.close());
  });

  it("has the chain of events that retention removed", async () => {
    const file = here.rewritten((records) =>
      records.map((record) => {
        if (record.kind !== "item" || record.value[0] !== "T#default#L#0" || record.value[1] === "HEAD") return record;
        const [pk, sk, rev, body, ...rest] = record.value;
        const { data } = JSON.parse(textOfBody(body)) as { data: { tbs_sha256?: string } };
        const pruned = { sha256: sha256Hex(textOfBody(body)), signed: data.tbs_sha256 };
        return { kind: "item", value: [pk, sk, rev, hashOfBody(body) + JSON.stringify({ pruned }), ...rest] };
      }),
    );
    await here.restore(file, here.free());
  });

  it("has neither the token of the CLI nor blobs that are made anew", async () => {
    const places = here.free();
    await here.restore(here.file, places);
    expect(existsSync(places.cli)).toBe(false);
    expect(existsSync(join(places.host, "blobs"))).toBe(false);
  });

  it("went into an empty directory, or into one whose restore was cut off", async () => {
    const empty = here.free();
    mkdirSync(empty.data);
    await here.restore(here.file, empty);
    expect(items(empty)).toEqual(kept(here.places));
    const cut = here.free();
    mkdirSync(cut.host, { recursive: true, mode: 0o700 });
    writeFileSync(join(cut.host, "store.db"), "half of it");
    const { backup } = verifyBackup(here.file, here.key, undefined);
    writeMarker(cut.data, { format: "trstctl-restoring/1", restoring: backup });
    expect(() => claimDataDirectory(cut)).toThrow(/unfinished restore.*trstctl restore/);
    await here.restore(here.file, cut);
    expect(items(cut)).toEqual(kept(here.places));
    expect(claimDataDirectory(cut)).toEqual([]);
  });
});

describe("a restore is refused", () => {
  it("into a data directory, and leaves it as it was", async () => {
    const before = readFileSync(join(here.places.host, "store.db"));
    await expect(here.restore(here.file, here.places)).rejects.toThrow(/is a data directory already/);
    expect(readFileSync(join(here.places.host, "store.db"))).toEqual(before);
  });

  it("into what is not empty, and leaves it as it was", async () => {
    const used = here.free();
    mkdirSync(used.data);
    writeFileSync(join(used.data, "letters.txt"), "mine");
    await expect(here.restore(here.file, used)).rejects.toThrow(/is not empty/);
    expect(readdirSync(used.data)).toEqual(["letters.txt"]);
  });

  it("onto a file", async () => {
    const taken = here.free();
    writeFileSync(taken.data, "mine");
    await expect(here.restore(here.file, taken)).rejects.toThrow(/is not a directory/);
  });

  it("into an unfinished restore of another backup", async () => {
    const other = here.free();
    mkdirSync(other.data);
    writeMarker(other.data, { format: "trstctl-restoring/1", restoring: "another" });
    await expect(here.restore(here.file, other)).rejects.toThrow(/unfinished restore of another backup \(another\)/);
  });
});
