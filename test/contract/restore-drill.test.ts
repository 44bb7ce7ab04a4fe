/** The restore drill as it is deployed: its state machine, run here, over the function's own code and tables of DynamoDB. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventKey, lanesKey } from "#events/log/keys";
import { createTables } from "#shared/adapters/aws/dynamodb";
import {
  changed,
  drill,
  dynamo,
  early,
  type Fate,
  freshCopy,
  last,
  nameOfKey,
  prefix,
  startDrills,
  stopDrills,
  without,
} from "./drill-runs.ts";

beforeAll(startDrills);
afterAll(stopDrills);
beforeEach(freshCopy);

test("all sound: says so of each tenant, over several calls, and leaves no table", async () => {
  const { report, told, asked, calls, there, lines } = await drill({ atOnce: 1 });
  expect(report).toMatchObject({ tenants: 3, events: 39, with_tail: 0, unsound: 0, tail: [], damage: [] });
  expect(report?.items).toBe(15);
  expect(calls.check).toBeGreaterThan(2);
  expect(asked).toMatchObject([{ UseLatestRestorableTime: true }]);
  expect(lines).toHaveLength(3);
  expect(told).toHaveLength(1);
  expect(there).toBe(false);
});

test("restores to the moment that is asked for", async () => {
  const restoreTime = "2026-11-26T03:00:00Z";
  const { report, asked } = await drill({ input: { restoreTime } });
  expect(asked).toMatchObject([{ RestoreDateTime: restoreTime }]);
  expect(report?.unsound).toBe(0);
});

/** The head of a lane of initech, which was written to last, as it was. */
const headAt = (lane: number, seq: number, hash: string): Fate =>
  changed(`T#initech#L#${lane} HEAD`, /"seq":\d+,"hash":"\w*"/, `"seq":${seq},"hash":"${hash}"`);

describe("a last transaction of which a part arrived is the tail: named, and no failure", () => {
  test("the event did not", async () => {
    const { lane, seq, event, state } = await last("initech");
    const { report, there } = await drill({ fate: without(event) });
    expect(report).toMatchObject({ tenants: 3, events: 38, with_tail: 1, unsound: 0, damage: [] });
    expect(report?.tail[0]).toBe(`tenant initech: lane ${lane}: holds up to event ${seq - 1} of ${seq}`);
    expect(report?.tail[1]).toMatch(`tenant initech: ${state} is at revision 3, the log makes it 2`);
    expect(there).toBe(false);
  });

  test("the state did not", async () => {
    const { state } = await last("initech");
    const { report } = await drill({ fate: without(state) });
    expect(report).toMatchObject({ with_tail: 1, unsound: 0, tail: [`tenant initech: ${state} is missing`] });
  });

  test("the event and the head did not", async () => {
    const { lane, seq, event, before, state } = await last("initech");
    const { report } = await drill({ fate: (row) => without(event)(headAt(lane, seq - 1, before)(row) ?? row) });
    const tail = [`tenant initech: ${state} is at revision 3, the log makes it 2`];
    expect(report).toMatchObject({ events: 38, with_tail: 1, unsound: 0, tail });
  });

  test("the head did not", async () => {
    const { lane, seq, before } = await last("initech");
    const tail = [`tenant initech: lane ${lane}: its head is at event ${seq - 1} of ${seq}`];
    expect((await drill({ fate: headAt(lane, seq - 1, before) })).report).toMatchObject({
      events: 39,
      with_tail: 1,
      unsound: 0,
      tail,
    });
  });
});

describe("what the last minutes do not explain fails the drill, which says where, and deletes the table", () => {
  test("a chain that is broken", async () => {
    const { lane, seq, event } = await early("initech");
    const { error, there, told } = await drill({
      fate: changed(event, /"display_name":"(\d+)"/, '"display_name":"$1!"'),
    });
    expect(error).toContain("RestoreDrill.Unsound: 1 of 3 tenants do not verify");
    expect(error).toContain(`tenant initech: lane ${lane}: event ${seq} does not follow from the one before it`);
    expect(told).toMatchObject([{ page: { report: { unsound: 1 } }, failure: { Error: "RestoreDrill.Unsound" } }]);
    expect(there).toBe(false);
  });

  test("a chain that is broken behind a gap", async () => {
    const { lane, seq, event } = await early("initech");
    const behind = nameOfKey(eventKey("initech", lane, seq + 2));
    const tampered = changed(behind, /"display_name":"(\d+)"/, '"display_name":"$1!"');
    const { error } = await drill({ fate: (row) => without(event)(tampered(row) ?? row) });
    expect(error).toContain(`tenant initech: lane ${lane}: event ${seq + 2} does not follow from the one before it`);
  });

  test("an event that is missing among old ones", async () => {
    const { lane, seq, event } = await early("acme");
    const { error } = await drill({ fate: without(event) });
    expect(error).toMatch(
      new RegExp(`acme: lane ${lane}: holds up to event ${seq - 1} of .*was not under way any more`),
    );
  });

  test("a state of long ago that is missing, and one that is another", async () => {
    const { state } = await early("acme");
    expect((await drill({ fate: without(state) })).error).toContain(`${state} is missing`);
    const other = await drill({ fate: changed(state, /"display_name":"\d+"/, '"display_name":"x"') });
    expect(other.error).toContain(`${state} is another at revision 3 than the log makes it`);
  });

  test("an event that cannot be read", async () => {
    const { event, lane, seq } = await early("acme");
    const { error } = await drill({ fate: changed(event, '"type":', '"typo":') });
    expect(error).toContain(`acme: lane ${lane}: event ${seq} does not follow`);
    expect(error).toContain("is unknown to this release");
  });

  test("a tenant without the row by which others are found, and a copy without tenants", async () => {
    const { error, there } = await drill({ fate: without(nameOfKey(lanesKey("acme"))) });
    expect(error).toContain("tenant acme: the row that says how many lanes there are is missing");
    const none = await drill({ fate: () => undefined });
    expect(none.error).toContain("RestoreDrill.Empty");
    expect([there, none.there]).toEqual([false, false]);
  });

  test("a check that ends in an error", async () => {
    const { error, there, told } = await drill({ checkFails: true });
    expect(error).toContain("out of memory");
    expect(told).toHaveLength(1);
    expect(there).toBe(false);
  });
});

describe("DynamoDB", () => {
  test("is asked again when it is busy", async () => {
    const { report, asked } = await drill({ refuse: ["DynamoDb.ThrottlingException", "DynamoDb.ThrottlingException"] });
    expect(asked).toHaveLength(3);
    expect(report?.unsound).toBe(0);
  });

  test("refuses to restore: what is there by that name is somebody else's and stays", async () => {
    await createTables(dynamo.client, prefix);
    const { error, there, told, calls } = await drill({ refuse: ["DynamoDb.TableAlreadyExistsException"] });
    expect(error).toContain("DynamoDb.TableAlreadyExistsException");
    expect(told).toHaveLength(1);
    expect(there).toBe(true);
    expect(calls.describe).toBe(0);
  });

  test.each(["CREATING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"])("never gets done: %s", async (status) => {
    const { error, there, calls } = await drill({ status });
    expect(error).toContain(`RestoreDrill.NotRestored: after ${status === "CREATING" ? 720 : 0} polls`);
    expect(calls).toEqual({ check: 0, describe: status === "CREATING" ? 721 : 1 });
    expect(there).toBe(false);
  });

  test("says nothing of the moment: the table is deleted all the same", async () => {
    const { error, there } = await drill({ noSummary: true });
    expect(error).toContain("RestoreDrill.NotRestored");
    expect(there).toBe(false);
  });

  test("does not delete: the table is named", async () => {
    const { error, there, told } = await drill({ keep: true });
    expect(error).toContain(`RestoreDrill.NotDeleted: table ${prefix}core is still there`);
    expect(told).toMatchObject([{ page: { report: { unsound: 0 } } }]);
    expect(there).toBe(true);
  });
});

test("nobody could be told: that is a failure too", async () => {
  const { error, there } = await drill({ tellFails: true });
  expect(error).toContain("SNS.NotFoundException");
  expect(there).toBe(false);
});
