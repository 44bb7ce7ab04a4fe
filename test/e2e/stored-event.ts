/** Damage to the store of a stopped host, and its repair: what a bad disk does, or a release with a defect. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const lane = "T#default#L#0";

/** Writes another text for an event of the tenant `default`. @param data directory @returns the text that stood there */
export function replaceEvent(data: string, sequence: number, body: string): string {
  const sqlite = new DatabaseSync(join(data, "host", "store.db"));
  const sk = `E#${String(sequence).padStart(12, "0")}`;
  try {
    const row = sqlite.prepare("SELECT body FROM item WHERE pk = ? AND sk = ?").get(lane, sk) as { body: string };
    sqlite.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?").run(body, lane, sk);
    return row.body;
  } finally {
    sqlite.close();
  }
}

/** The read model begins anew from the log. */
export function forgetReadModel(data: string, name: string): void {
  const sqlite = new DatabaseSync(join(data, "host", "store.db"));
  sqlite.prepare("DELETE FROM item WHERE pk = ?").run(`T#default#P#${name}`);
  sqlite.close();
}
