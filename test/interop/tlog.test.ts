/** The audit trail as Go's checksum database reads logs: checkpoints, tiles and proofs, verified by code we did not write. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { tilePath, tilesOf } from "#shared/tlog/tile";
import { type Host, type Json, startHost } from "#test/e2e/host";
import { newCsr } from "#test/e2e/openssl";
import { run, succeed } from "#test/run";
import { tlogcheckProgram } from "./tools/tlogcheck.ts";

let host: Host;
let key: string;
const place = (name: string): string => join(host.directory, name);
const check = (...words: string[]) => run(tlogcheckProgram(), words);

beforeAll(async () => {
  host = await startHost();
  const csr = await newCsr(host.directory, "leaf", "app.example.test");
  // Enough for full tiles of the first level.
  for (const issued of [1, 20, 280]) {
    await Promise.all(Array.from({ length: issued }, () => host.admin.ok("POST", "/certificates", { csr })));
    await host.admin.ok("POST", "/audit/checkpoints", {});
  }
  key = (await host.admin.ok("GET", "/audit/key")).verifier_key;
  return () => host.stop();
});

describe("golang.org/x/mod/sumdb", () => {
  it("verifies an export, every entry of it, and refuses it with one bit changed", async () => {
    const { code, stdout, stderr } = await host.cli("audit", "export", "--to", place("export"));
    expect(code, stdout + stderr).toBe(0);
    expect(await succeed(tlogcheckProgram(), [place("export"), key])).toMatch(/^\d{3,} entries hold$/m);
    for (const file of ["checkpoint", "tile/0/000", "tile/entries/000"]) {
      cpSync(place("export"), place("changed"), { recursive: true });
      const bytes = readFileSync(join(place("changed"), file));
      bytes[70] = (bytes[70] ?? 0) ^ 1;
      writeFileSync(join(place("changed"), file), bytes);
      expect((await check(place("changed"), key)).code, file).toBe(1);
    }
  });

  it("verifies what the running host serves as tlog-tiles", async () => {
    const save = (path: string, bytes: Buffer): void => {
      mkdirSync(dirname(join(place("served"), path)), { recursive: true });
      writeFileSync(join(place("served"), path), bytes);
    };
    const { bytes, text } = await host.admin.send("GET", "/audit/tlog/checkpoint");
    save("checkpoint", bytes);
    for (const tile of tilesOf(Number(text.split("\n")[1]))) {
      const path = tilePath(tile);
      save(path, (await host.admin.send("GET", `/audit/tlog/${path}`)).bytes);
    }
    expect(await succeed(tlogcheckProgram(), [place("served"), key])).toContain("entries hold");
  });

  it("verifies inclusion and consistency proofs of the API, and no others", async () => {
    const proven = await host.admin.ok("GET", "/audit/inclusion?sequence=77");
    const { items }: Json = await host.admin.ok("GET", "/audit/checkpoints");
    for (const from of items) {
      const grown = await host.admin.ok("GET", `/audit/consistency?from=${from.size}`);
      const question = {
        verifier_key: key,
        note: proven.note,
        index: proven.index,
        entry: proven.entry,
        inclusion: proven.proof,
        from: grown.from.note,
        to: grown.to.note,
        consistency: grown.proof,
      };
      const ask = async (what: object) => run(tlogcheckProgram(), ["proofs"], { input: JSON.stringify(what) });
      expect((await ask(question)).stderr).toBe("");
      expect((await ask({ ...question, index: question.index + 1 })).stderr).toContain("inclusion");
      if (question.consistency.length > 0)
        expect((await ask({ ...question, consistency: question.consistency.slice(1) })).stderr).toContain(
          "consistency",
        );
    }
  });
});
