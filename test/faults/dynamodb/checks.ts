/** What must be true of a tenant once everything is whole again; read past the wire and past every process. */
import { createHash } from "node:crypto";
import { compareWithLog } from "#events/log/compare";
import { createEventLog } from "#events/log/log";
import { projections } from "#events/projections/registry";
import { readProjection, replayProjection } from "#events/projections/runner";
import type { TableStore } from "#shared/ports/table";
import { doubled, lost, wrong } from "../violation.ts";
import type { Ledger } from "./ledger.ts";
import { lanes, region } from "./work.ts";

interface Stored {
  readonly type: string;
  readonly trace?: string;
  readonly stream: { readonly id: string };
  readonly effects?: readonly { readonly id: string }[];
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hashLength = 64;

export async function checkTenant(tables: TableStore, tenant: string, ledger: Ledger): Promise<void> {
  const table = tables.tenant(tenant);
  const log = createEventLog({ tables, wakes: silent, lanes, region, several: true });
  const events = await chained(tables, tenant);
  const byTrace = Map.groupBy(
    events.filter(({ trace }) => trace !== undefined),
    ({ trace }) => trace ?? "",
  );
  for (const op of ledger.acknowledged(tenant)) {
    const found = byTrace.get(op.key)?.length ?? 0;
    if (found === 0) lost(`${op.verb} ${op.key} of ${tenant} was acknowledged and is not in the log`);
    const record = await log.replayOf(tenant, op.key);
    if (record?.resource !== op.id) wrong(`${op.key} is remembered as ${record?.resource ?? "nothing"}`);
  }
  for (const [key, same] of byTrace) {
    if (same.length > 1) doubled(`${key} of ${tenant} has ${same.length} events`);
    if (!ledger.knows(key)) wrong(`nobody asked for ${key}`);
  }
  checkEffects(events, tenant, ledger);
  const { differing } = await compareWithLog(log, table, tenant);
  if (differing.length > 0) wrong(`state is not what the log says: ${differing.slice(0, 3).join(", ")}`);
  for (const projection of projections) {
    const live = await readProjection(table, tenant, projection);
    const replayed = await replayProjection<object>(log, tenant, projection);
    if (JSON.stringify(live) !== JSON.stringify(replayed))
      wrong(`projection ${projection.name} is not what a replay gives`);
  }
}

const silent = { ring: () => undefined, listen: () => async () => undefined };

function checkEffects(events: readonly Stored[], tenant: string, ledger: Ledger): void {
  const settled = Map.groupBy(
    events.filter(({ type }) => type === "outbox.delivered" || type === "outbox.dead"),
    ({ stream }) => stream.id,
  );
  for (const { id } of events.flatMap(({ effects = [] }) => effects)) {
    const ends = settled.get(id) ?? [];
    if (ends.length === 0) lost(`effect ${id} of ${tenant} was never settled`);
    if (ends.length > 1) doubled(`effect ${id} of ${tenant} is settled ${ends.length} times`);
    if (ends[0]?.type !== "outbox.delivered") wrong(`effect ${id} of ${tenant} is dead`);
    if (ledger.received(id) === 0) lost(`effect ${id} of ${tenant} is settled, and its receiver has nothing of it`);
  }
}

/** Every event, its lanes without a gap and chained by docs/storage.md, not by the product's reader. */
async function chained(tables: TableStore, tenant: string): Promise<readonly Stored[]> {
  const table = tables.tenant(tenant);
  const events: Stored[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const pk = `T#${tenant}#L#${lane}`;
    let seq = 0;
    let hash = "";
    let after: string | undefined = "E#";
    do {
      const page = await table.query({ pk, after, to: "E#999999999999", limit: 1000, consistent: true });
      for (const { sk, body } of page.items) {
        const text = body.slice(hashLength);
        hash = sha256(["trstctl/event/1", tenant, lane, ++seq, hash, sha256(text)].join("\n"));
        if (sk !== `E#${String(seq).padStart(12, "0")}`) wrong(`${pk} has ${sk} where ${seq} should be`);
        if (body.slice(0, hashLength) !== hash) wrong(`the chain breaks at ${pk} ${sk}`);
        events.push(JSON.parse(text) as Stored);
      }
      after = page.cursor;
    } while (after !== undefined);
    const head = await table.get({ pk, sk: "HEAD" }, { consistent: true });
    const said = head === undefined ? { seq: 0, hash: "" } : (JSON.parse(head.body) as { seq: number; hash: string });
    if (said.seq !== seq || said.hash !== hash) wrong(`the head of ${pk} says ${said.seq}, the lane ends at ${seq}`);
  }
  return events;
}
