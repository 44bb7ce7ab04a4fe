/**
 * Counts what a client asks of DynamoDB: requests, read and write units by the published formula, from the items' sizes;
 * beside them what the endpoint itself says it consumed.
 */
import type {
  ConsumedCapacity,
  DynamoDBClient,
  GetItemCommandOutput,
  QueryCommandOutput,
  TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { type Attributes, itemBytes, readUnits, writeUnits } from "./item-size.ts";

export interface Write {
  /** `put T#<t>#certificate`; tenant and id left out. */
  readonly what: string;
  readonly bytes: number;
  /** In the table, transaction's factor included, and in the view. */
  readonly units: number;
  readonly viewUnits: number;
  /** Name of the view in which the item stands now. */
  readonly view: string | undefined;
}

export interface Tally {
  readonly requests: Readonly<Record<string, number>>;
  readonly writes: readonly Write[];
  readonly reads: readonly { readonly what: string; readonly units: number }[];
  readonly writeUnits: number;
  readonly readUnits: number;
  /** What the endpoint reported; undefined when it reports nothing. */
  readonly reported: { readonly writeUnits: number; readonly readUnits: number } | undefined;
}

export interface Meter {
  /** What was asked since the last call of this. */
  take(): Tally;
}

interface Put {
  readonly bytes: number;
  /** Index key and projected bytes. */
  readonly view?: { readonly key: string; readonly bytes: number };
}

type Input = Readonly<Record<string, unknown>>;

export function meter(client: DynamoDBClient): Meter {
  /** What lies at a key, as far as this client wrote it. */
  const stored = new Map<string, Put>();
  let requests: Record<string, number> = {};
  let writes: Write[] = [];
  let reads: { what: string; units: number }[] = [];
  let reported: { writeUnits: number; readUnits: number } | undefined;

  function written(kind: string, key: Attributes, after: Put | undefined, factor: number): void {
    const name = `${key["pk"]?.S}\n${key["sk"]?.S}`;
    const before = stored.get(name);
    const bytes = Math.max(before?.bytes ?? 0, after?.bytes ?? 0);
    writes.push({
      what: `${kind} ${kindOf(key)}`,
      bytes,
      units: factor * writeUnits(bytes),
      viewUnits: viewUnits(before, after),
      view: after?.view?.key.split("\n")[0]?.split("#")[3],
    });
    if (after === undefined) stored.delete(name);
    else stored.set(name, after);
  }

  function transacted({ Put, Delete, ConditionCheck }: TransactWriteItem): void {
    if (Put?.Item) written("put", Put.Item, putOf(Put.Item), 2);
    if (Delete?.Key) written("delete", Delete.Key, undefined, 2);
    if (ConditionCheck?.Key) {
      const { pk, sk } = ConditionCheck.Key;
      const bytes = stored.get(`${pk?.S}\n${sk?.S}`)?.bytes ?? 0;
      writes.push({
        what: `check ${kindOf(ConditionCheck.Key)}`,
        bytes,
        units: 2 * writeUnits(bytes),
        viewUnits: 0,
        view: undefined,
      });
    }
  }

  function count(command: string, input: Input, output: unknown): void {
    requests[command] = (requests[command] ?? 0) + 1;
    const consistent = input["ConsistentRead"] === true ? 1 : 0.5;
    if (command === "GetItemCommand") {
      const { Item } = output as GetItemCommandOutput;
      const what = `get ${kindOf(input["Key"] as Attributes)}${consistent === 1 ? "" : " (eventual)"}`;
      reads.push({ what, units: consistent * readUnits(Item === undefined ? 0 : itemBytes(Item)) });
    } else if (command === "QueryCommand") {
      const { Items = [] } = output as QueryCommandOutput;
      const values = input["ExpressionAttributeValues"] as Attributes;
      const bytes = Items.reduce((sum, item) => sum + itemBytes(item), 0);
      const pk = values[":pk"] ?? values[":view"] ?? { S: "" };
      reads.push({
        what: `query ${kindOf({ pk, sk: { S: "" } })} (${Items.length} items)`,
        units: consistent * readUnits(bytes),
      });
    } else if (command === "TransactWriteItemsCommand")
      (input["TransactItems"] as TransactWriteItem[]).forEach(transacted);
    else if (command === "PutItemCommand")
      written("put", input["Item"] as Attributes, putOf(input["Item"] as Attributes), 1);
    else if (command === "DeleteItemCommand") written("delete", input["Key"] as Attributes, undefined, 1);
    else throw new TypeError(`the meter does not know ${command}`);
  }

  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = args.input as Input;
      const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "INDEXES" } as never });
      const command = context.commandName ?? "";
      count(command, input, answer.output);
      const consumed = (answer.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] }).ConsumedCapacity;
      for (const one of consumed === undefined ? [] : [consumed].flat()) {
        reported ??= { writeUnits: 0, readUnits: 0 };
        const read = command === "GetItemCommand" || command === "QueryCommand";
        reported[read ? "readUnits" : "writeUnits"] += one.CapacityUnits ?? 0;
      }
      return answer;
    },
    { step: "initialize", name: "meter" },
  );

  return {
    take() {
      const tally = {
        requests,
        writes,
        reads,
        writeUnits: writes.reduce((sum, { units, viewUnits: view }) => sum + units + view, 0),
        readUnits: reads.reduce((sum, { units }) => sum + units, 0),
        reported,
      };
      [requests, writes, reads, reported] = [{}, [], [], undefined];
      return tally;
    },
  };
}

const putOf = (item: Attributes): Put => {
  const [vpk, vsk] = [item["vpk"]?.S, item["vsk"]?.S];
  const bytes = itemBytes(item);
  return vpk === undefined ? { bytes } : { bytes, view: { key: `${vpk}\n${vsk}`, bytes } };
};

/** The view follows by itself, at single cost: a changed key is a deletion and a put (Developer Guide, "GSI write capacity"). */
function viewUnits(before: Put | undefined, after: Put | undefined): number {
  const [old, now] = [before?.view, after?.view];
  if (old?.key === now?.key) return now === undefined ? 0 : writeUnits(Math.max(old?.bytes ?? 0, now.bytes));
  return (old === undefined ? 0 : writeUnits(old.bytes)) + (now === undefined ? 0 : writeUnits(now.bytes));
}

/** The partition without tenant and value, and what stands in the sort key of a lane. */
function kindOf(key: Attributes): string {
  const [scope = "", , kind = "", name = ""] = (key["pk"]?.S ?? "").split("#");
  if (scope === "G") return `directory ${(key["pk"]?.S ?? "").split("#")[1]}`;
  if (kind === "L")
    return (key["sk"]?.S ?? "").startsWith("E#") ? "event" : key["sk"]?.S === "HEAD" ? "lane head" : "lanes";
  if (kind === "U") return name;
  if (kind === "P") return `projection ${name}`;
  if (kind === "V") return `view ${name}`;
  return kind;
}
