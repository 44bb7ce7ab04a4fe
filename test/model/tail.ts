/**
 * What was appended to the lanes of a tenant since it was last looked at, read from the rows themselves and chained by
 * docs/storage.md ("The log"), not by the product's reader: a gap, a fork or a wrong hash fails here.
 */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Table } from "#shared/ports/table";

export interface Appended {
  readonly lane: number;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly trace?: string;
  /** RFC 3339. */
  readonly time: string;
  readonly actor: { readonly subject: string };
  readonly stream: { readonly kind: string; readonly id: string };
  readonly writes: readonly (readonly [kind: string, id: string, rev: number])[];
  readonly data: Readonly<Record<string, unknown>>;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hashLength = 64;

export function tailOf(tenant: string, lanes: number) {
  const heads = Array.from({ length: lanes }, () => ({ seq: 0, hash: "" }));

  async function lane(table: Table, at: number, head: { seq: number; hash: string }): Promise<Appended[]> {
    const pk = `T#${tenant}#L#${at}`;
    const events: Appended[] = [];
    let after: string | undefined = `E#${String(head.seq).padStart(12, "0")}`;
    do {
      const page = await table.query({ pk, after, to: "E#999999999999", limit: 1000, consistent: true });
      for (const { sk, body } of page.items) {
        head.seq++;
        expect(sk, "the next sequence of the lane").toBe(`E#${String(head.seq).padStart(12, "0")}`);
        const text = body.slice(hashLength);
        head.hash = sha256(["trstctl/event/1", tenant, at, head.seq, head.hash, sha256(text)].join("\n"));
        expect(body.slice(0, hashLength), `the chain at ${pk} ${sk}`).toBe(head.hash);
        events.push({ ...(JSON.parse(text) as Appended), lane: at, seq: head.seq });
      }
      after = page.cursor;
    } while (after !== undefined);
    const stored = await table.get({ pk, sk: "HEAD" }, { consistent: true });
    const row = stored === undefined ? { seq: 0, hash: "" } : (JSON.parse(stored.body) as object);
    expect(row, `the head of lane ${at}`).toMatchObject(head);
    return events;
  }

  /** Nothing may commit meanwhile. */
  return async (table: Table): Promise<Appended[]> => {
    const read: Appended[] = [];
    for (const [at, head] of heads.entries()) read.push(...(await lane(table, at, head)));
    return read;
  };
}
