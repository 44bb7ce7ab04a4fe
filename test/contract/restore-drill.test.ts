/** The restore drill as it is deployed: its state machine, run here, over the function's own code and tables of DynamoDB. */
import { DeleteTableCommand, DescribeTableCommand, PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { type ExecutionError, StateMachine } from "aws-local-stepfunctions";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEventLog } from "#events/log/log";
import { eventKey, lanesKey, stateKey } from "#events/log/keys";
import { checkCopy, type DrillPage, type DrillReport } from "#functions/restore-check/app";
import { openCopy } from "#functions/restore-check/open";
import { restoreDrill } from "#infra/aws/workflows/restore-drill";
import { createTables } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import type { DomainEvent } from "#shared/domain/events";
import type { AggregateKind } from "#shared/domain/aggregate";
import { recordedWakes } from "#test/log/local-log";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { manualClock, randomId } from "./fixtures.ts";

const lanes = 3;
const tenants = ["acme", "globex", "initech"];
const clock = manualClock();
let dynamo: Dynamo;
let prefix: string;

beforeAll(async () => {
  dynamo = await startDynamo();
  for (const tenant of tenants) await grow(tenant);
});
afterAll(() => dynamo?.stop());
beforeEach(() => {
  prefix = `drill-${randomId()}-`;
});

async function grow(tenant: string): Promise<void> {
  const tables = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock });
  const log = createEventLog({ tables, wakes: recordedWakes(), lanes });
  const commit = async (kind: AggregateKind, id: string, event: DomainEvent): Promise<void> => {
    const stream = await log.load(tenant, kind, id);
    const actor = { subject: "tester", roles: [] };
    expect((await log.commit({ tenant, actor, at: clock.now(), stream, event })).ok).toBe(true);
  };
  await commit("tenant", tenant, { type: "tenant.registered", data: { name: tenant } });
  for (let n = 0; n < 12; n++) {
    clock.advance(10 * 60_000);
    await commit("member", `m${n % 4}`, {
      type: "member.upserted",
      data: { display_name: `${n}`, email: null, roles: [] },
    });
  }
}

type Row = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
/** What of an item is in the copy; undefined: nothing. */
type Fate = (row: Row) => Row | undefined;
const whole: Fate = (row) => row;

const tableThere = async (TableName: string): Promise<boolean> =>
  dynamo.client.send(new DescribeTableCommand({ TableName })).then(
    () => true,
    () => false,
  );

const awsError = (name: string, message: string) => Object.assign(new Error(message), { name });

interface Drill {
  readonly fate?: Fate;
  readonly input?: object;
  /** What the restore answers with, attempt by attempt, before it is done. */
  readonly refuse?: readonly string[];
  readonly status?: string;
  readonly noSummary?: boolean;
  readonly keep?: boolean;
  readonly checkFails?: boolean;
  readonly tellFails?: boolean;
  /** Tenants that one call of the function looks at. */
  readonly atOnce?: number;
}

/** Runs it; DynamoDB's administration is played by what copies, describes and deletes tables here. */
async function drill(asIf: Drill = {}) {
  const { fate = whole, input = {}, refuse = [], status = "ACTIVE", keep = false, atOnce = 100 } = asIf;
  const source = dynamo.tables.core;
  const copy = `${prefix}core`;
  const told: Record<string, unknown>[] = [];
  const asked: object[] = [];
  const calls = { check: 0, describe: 0 };
  const restore = async (request: { readonly SourceTableName: string; readonly TargetTableName: string }) => {
    asked.push(request);
    const refusal = refuse[asked.length - 1];
    if (refusal !== undefined) throw awsError(refusal, "refused");
    await createTables(dynamo.client, prefix);
    for await (const { Items = [] } of paginateScan({ client: dynamo.client }, { TableName: request.SourceTableName }))
      for (const row of Items as Row[]) {
        const arrived = fate(row);
        if (arrived !== undefined)
          await dynamo.client.send(
            new PutItemCommand({ TableName: request.TargetTableName, Item: arrived as Record<string, { S: string }> }),
          );
      }
    return {};
  };
  const opened = openCopy({ client: dynamo.client, tableName: copy, lanes, clock, pageSize: 7 });
  const lines: string[] = [];
  const check = async ({ Payload }: { readonly Payload: DrillPage }) => {
    let left = atOnce;
    calls.check++;
    if (asIf.checkFails === true) throw awsError("Error", "out of memory");
    const say = (_: string, tenant: string, line: string) => void lines.push(`${tenant}: ${line}`);
    return { Payload: await checkCopy(Payload, { ...opened, say, timeLeft: () => --left > 0 }) };
  };
  const deleteTable = async ({ TableName }: { readonly TableName: string }) => {
    if (keep) throw awsError("DynamoDb.ResourceInUseException", "being made");
    await dynamo.client.send(new DeleteTableCommand({ TableName }));
    return {};
  };
  const machine = new StateMachine(
    JSON.parse(
      JSON.stringify(
        restoreDrill({
          source,
          copy,
          check: "arn:aws:lambda:eu-central-1:111122223333:function:trstctl-restore-check",
          topic: "arn:aws:sns:eu-central-1:111122223333:trstctl-alarms",
        }),
      ),
    ),
  );
  const restoredTo = new Date(clock.now()).toISOString();
  const run = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: {
        RestoreToTime: restore,
        RestoreLatest: restore,
        Describe: async () => (
          calls.describe++,
          {
            Table: {
              TableStatus: status,
              ...(asIf.noSummary !== true && { RestoreSummary: { RestoreDateTime: restoredTo } }),
            },
          }
        ),
        Check: check,
        Delete: deleteTable,
        Tell: async ({ Message }: { readonly Message: Record<string, unknown> }) => {
          if (asIf.tellFails === true) throw awsError("SNS.NotFoundException", "no topic");
          told.push(Message);
        },
      } as never,
      waitTimeOverrides: { Wait: 0 },
      retryIntervalOverrides: { RestoreLatest: 0, Delete: 0, Check: 0, Describe: 0, Tell: 0 },
    },
  });
  const outcome = await run.result.then(
    (report) => ({ report: report as unknown as DrillReport, error: undefined }),
    (error: ExecutionError) => {
      const { name, message } = error.cause as Error;
      return { report: undefined, error: `${name}: ${message}` };
    },
  );
  return { ...outcome, told, asked, calls, lines, there: await tableThere(copy) };
}

/** `<pk> <sk>` */
const nameOf = (row: Row): string => `${row["pk"]?.S} ${row["sk"]?.S}`;

/** A tenant's events, in the order in which they came. */
async function eventsOf(tenant: string) {
  const tables = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock });
  const log = createEventLog({ tables, wakes: recordedWakes(), lanes });
  const events = (await Promise.all([0, 1, 2].map((lane) => log.read(tenant, lane, 0, 100)))).flat();
  return events
    .toSorted((a, b) => a.time.localeCompare(b.time))
    .map(({ lane, seq, stream }) => ({
      lane,
      seq,
      before: events.find((one) => one.lane === lane && one.seq === seq - 1)?.hash ?? "",
      event: nameOfKey(eventKey(tenant, lane, seq)),
      state: nameOfKey(stateKey(tenant, stream.kind, stream.id)),
    }));
}
type Place = Awaited<ReturnType<typeof eventsOf>>[number];
const nameOfKey = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => `${pk} ${sk}`;

const last = async (tenant: string): Promise<Place> => {
  const found = (await eventsOf(tenant)).at(-1);
  if (found === undefined) throw new Error(`${tenant} has no events`);
  return found;
};
/** One with others of its lane behind it, from hours before. */
async function early(tenant: string): Promise<Place> {
  const events = await eventsOf(tenant);
  const found = events.find(({ lane, seq }) => seq > 1 && events.some((one) => one.lane === lane && one.seq > seq + 1));
  if (found === undefined) throw new Error(`no lane of ${tenant} is long enough`);
  return found;
}

const without =
  (...names: readonly string[]): Fate =>
  (row) =>
    names.includes(nameOf(row)) ? undefined : row;
const changed =
  (name: string, from: string | RegExp, to: string): Fate =>
  (row) =>
    nameOf(row) === name ? { ...row, body: { S: row["body"]?.S?.replace(from, to) ?? "" } } : row;

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
