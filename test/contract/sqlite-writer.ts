/** Child of `sqlite.test.ts`: commits on many callers at once and prints each acknowledged id, until it is killed. */
import { writeSync } from "node:fs";
import { systemClock } from "#shared/adapters/local/clock";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import type { Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";

const [path = "", run = ""] = process.argv.slice(2);
const table = sqliteTableStore(openSqlite(path), systemClock).tenant("acme");
const body = "x".repeat(500);

async function caller(name: string): Promise<never> {
  for (let n = 1; ; n++) {
    const id = `${run}-${name}-${n}`;
    const writes = ["a", "b", "c", "d", "e"].map(
      (part): Write => ({
        put: {
          pk: anyPartition(`T#acme#${part}`),
          sk: id,
          rev: 1,
          body,
          view: { pk: anyPartition("T#acme#all"), sk: `${part}#${id}` },
        },
        if: "absent",
      }),
    );
    const outcome = await table.transact(writes);
    if (!outcome.ok) throw new Error(`${id} failed`);
    // Synchronous: what the parent has read was acknowledged before.
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, async (_, n) => await caller(`c${n}`)));
