/** Runs of the restore drill: its state machine as it is deployed, over the function's own code and tables of DynamoDB. */
import { DeleteTableCommand, DescribeTableCommand, PutItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { type ExecutionError, StateMachine } from "aws-local-stepfunctions";
import { createEventLog } from "#events/log/log";
import { eventKey, stateKey } from "#events/log/keys";
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
export let dynamo: Dynamo;
/** Of the copy's name: `<prefix>core`. */
export let prefix: string;

export async function startDrills(): Promise<void> {
  dynamo = await startDynamo();
  for (const tenant of tenants) await grow(tenant);
}
export const stopDrills = async (): Promise<void> => dynamo?.stop();
export const freshCopy = (): void => {
  prefix = `drill-${randomId()}-`;
};

async function grow(tenant: string): Promise<void> {
  const tables = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock });
  const log = createEventLog({ tables, wakes: recordedWakes(), lanes });
  const commit = async (kind: AggregateKind, id: string, event: DomainEvent): Promise<void> => {
    const stream = await log.load(tenant, kind, id);
    const actor = { subject: "tester", roles: [] };
    const { ok } = await log.commit({ tenant, actor, at: clock.now(), stream, event });
    if (!ok) throw new Error(`${tenant}: the event was not committed`);
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
export type Fate = (row: Row) => Row | undefined;
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
export async function drill(asIf: Drill = {}) {
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
export const nameOfKey = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => `${pk} ${sk}`;

export const last = async (tenant: string): Promise<Place> => {
  const found = (await eventsOf(tenant)).at(-1);
  if (found === undefined) throw new Error(`${tenant} has no events`);
  return found;
};
/** One with others of its lane behind it, from hours before. */
export async function early(tenant: string): Promise<Place> {
  const events = await eventsOf(tenant);
  const found = events.find(({ lane, seq }) => seq > 1 && events.some((one) => one.lane === lane && one.seq > seq + 1));
  if (found === undefined) throw new Error(`no lane of ${tenant} is long enough`);
  return found;
}

export const without =
  (...names: readonly string[]): Fate =>
  (row) =>
    names.includes(nameOf(row)) ? undefined : row;
export const changed =
  (name: string, from: string | RegExp, to: string): Fate =>
  (row) =>
    nameOf(row) === name ? { ...row, body: { S: row["body"]?.S?.replace(from, to) ?? "" } } : row;
