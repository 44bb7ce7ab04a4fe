/** What comes back from the store, the log's records first: damaged text is `corrupt`, never a defect. */
import { writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { readCut } from "#events/checkpoints/cut";
import { readHead, readLanes } from "#events/log/head";
import { eventBytes, happened, readEvent } from "#events/log/record";
import { readState, stateItem } from "#events/log/state-row";
import { readAttempt } from "#events/outbox/attempt";
import { readCircuit } from "#events/outbox/circuit";
import { inventory } from "#events/projections/inventory";
import { readProjection } from "#events/projections/runner";
import { readAggregate, readDone } from "#events/retention/snapshot";
import { markerPath, newMarker, readMarker } from "#infra/local/data-marker";
import { wakesOf } from "#shared/adapters/aws/wakes";
import { open, seal } from "#shared/crypto/seal";
import { utf8 } from "#shared/kernel/bytes";
import type { Item, Partition, Table } from "#shared/ports/table";
import { scratch } from "../scratch.ts";
import { holds, same, type Target } from "../target.ts";

const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const itemOf = (body: string): Item => ({ pk: "T#acme#x" as Partition, sk: "-", rev: 3, body });
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

const append = {
  tenant: "acme",
  event: { type: "owner.created", data: { kind: "team", name: "a", email: null } },
  stream: { kind: "owner", id: "o-1", rev: 0 },
  actor: { subject: "tester", roles: [] },
  at: 1_700_000_000_000,
  trace: "0".repeat(32),
} as unknown as Parameters<typeof eventBytes>[0];

export const eventRecord: Target = {
  run(input) {
    const logged = readEvent({ lane: 0, seq: 1 }, itemOf("0".repeat(64) + textOf(input)));
    holds(logged.bytes === textOf(input), "the text that the hash covers");
    happened(logged);
    for (const [kind, id, rev] of logged.writes) holds(`${kind}${id}${rev}`.length > 0, "writes");
  },
  refusals: ["corrupt"],
  format: "json",
  seeds: () => [
    utf8(eventBytes(append, "0190a0b0-0000-7000-8000-000000000001", 1, 1)),
    utf8(
      eventBytes(
        { ...append, effects: [{ id: "e-1", destination: "crl.publish", payload: { issuer: "a" } }] } as typeof append,
        "0190a0b0-0000-7000-8000-000000000001",
        1,
        1,
      ),
    ),
  ],
  dictionary: ["certificate.issued", "owner.created", "__proto__", "constructor", "v", "data", "effects", "writes"],
};

export const stateRow: Target = {
  run(input) {
    const item = itemOf(textOf(input));
    const snapshot = readState("owner", "o-1", item);
    const written = stateItem("acme", snapshot);
    holds(isDeepStrictEqual(readState("owner", "o-1", { ...item, body: written.body }), snapshot), "another state");
  },
  refusals: ["corrupt"],
  format: "json",
  seeds: () => [json({ origin: [0, 1], state: { kind: "team", name: "a", email: null, references: 0 } })],
};

const tableWith = (body: string): Table => ({
  get: () => Promise.resolve(itemOf(body)),
  query: () => Promise.resolve({ items: [] }),
  transact: () => Promise.resolve({ ok: true }),
});

const close = (): Promise<void> => Promise.resolve();
const untouched = {
  load: (_: string, kind: never, id: string) =>
    Promise.resolve({ kind, id, rev: 0, state: undefined, origin: undefined }),
};

/** The small rows beside the log: lane heads, delivery attempts, projections. */
export const rows: Target = {
  async run(input) {
    const table = tableWith(textOf(input));
    const failures: unknown[] = [];
    for (const read of [
      () => readHead(table, "acme", 0, 1),
      () => readLanes(table, "acme"),
      () => readAttempt(table, "acme", { id: "e-1", rev: 1 }),
      () => readCircuit({ log: untouched, tables: { tenant: () => table, close } }, "acme", "mail"),
      () => readCut(table, "acme", 1),
      () => readProjection(table, "acme", inventory),
      () => readAggregate(table, "acme", "owner", "o-1"),
      () => readDone(table, "acme"),
    ])
      await read().catch((error: unknown) => failures.push(error));
    for (const failure of failures)
      if (
        (failure as { code?: unknown }).code !== "corrupt" &&
        (failure as { code?: unknown }).code !== "misconfigured"
      )
        throw failure;
  },
  refusals: ["corrupt", "misconfigured"],
  format: "json",
  seeds: () => [
    json({ seq: 7, hash: "0".repeat(64), epoch: 1, lanes: 1 }),
    json({ lanes: 1, epoch: 2, home: "eu-central-1", recovering: true }),
    json({ failures: 3, openUntil: 1_700_000_000_000, since: 1_699_999_000_000, error: "no", of: 1 }),
    json({ attempts: 2, nextAt: 1_700_000_000_000, error: "no", of: 1 }),
    json({ cursor: [7], state: inventory.initial }),
    json({ kind: "owner", id: "o-1", rev: 3, state: { name: "a" }, origin: [0, 1] }),
    json({ cut: 4 }),
  ],
};

/** `trstctl.json`: a marker, or none of ours. */
export const dataMarker: Target = {
  run(input) {
    writeFileSync(markerPath(scratch()), input);
    const marker = readMarker(scratch());
    if (marker !== undefined) holds(typeof marker.format === "string", "a marker without a format");
  },
  refusals: [],
  format: "json",
  seeds: () => [json(newMarker()), json({ format: "trstctl-data/1", migrating_from: "trstctl-data/1" })],
};

const key = new Uint8Array(32).fill(7);

export const sealed: Target = {
  run: (input) =>
    same(
      open(key, seal(key, open(key, input, utf8("here")), utf8("here")), utf8("here")),
      open(key, input, utf8("here")),
      "opened again",
    ),
  refusals: ["corrupt"],
  seeds: () => ["", "a", "secret".repeat(20)].map((text) => seal(key, utf8(text), utf8("here"))),
};

/** Of a stream record: who rings is told by the partition alone. */
export const wakes: Target = {
  run(input) {
    const [eventName = "", pk = "", sk = ""] = textOf(input).split("\n");
    for (const { tenant, lane } of wakesOf([{ eventName, dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } }, {}]))
      holds(
        pk === `T#${tenant}#L#${lane}` || pk.endsWith(`#L#${String(lane).padStart(pk.length, "0")}`.slice(-1)),
        "the wake is another lane's",
      );
  },
  refusals: [],
  seeds: () => ["INSERT\nT#acme#L#0\nE#000000000001", "MODIFY\nT#acme#L#12\nHEAD"].map(utf8),
  dictionary: ["INSERT", "T#", "#L#", "E#", "\n", "acme", "000"],
};
