/** A process of its own at the store: does what its parent asks, and can be told the call at which it kills itself. */
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { compareWithLog } from "#events/log/compare";
import { failOver } from "#events/log/failover";
import { dynamoClient, streamArn } from "#shared/adapters/aws/dynamodb";
import { dynamoWakes } from "#shared/adapters/aws/wakes";
import { isFailure } from "#shared/kernel/failure";
import type { Table, TableStore } from "#shared/ports/table";
import type { Answer, Ask, Start } from "./messages.ts";
import { lanes, local, openWork, region } from "./work.ts";

const start = JSON.parse(process.argv[2] ?? "{}") as Start;
const answer = (message: Answer): void => void process.send?.(message);

let calls = 0;
let doom: { readonly after: number; readonly cut: "before" | "behind" } | undefined;
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("dead");
};

async function fated<T>(call: () => Promise<T>): Promise<T> {
  const mine = doom !== undefined && calls++ === doom.after ? doom : undefined;
  if (mine?.cut === "before") die();
  const value = await call();
  if (mine !== undefined) die();
  return value;
}

const tie = (store: TableStore): TableStore => ({
  close: () => store.close(),
  tenant(tenant) {
    const table = store.tenant(tenant);
    return {
      get: (key, options) => fated(() => table.get(key, options)),
      query: (query) => fated(() => table.query(query)),
      transact: (writes) => fated(() => table.transact(writes)),
    } satisfies Table;
  },
});

const waiting = new Map<string, (failed: string | undefined) => void>();
let deliveries = 0;

/** The parent is the receiver. */
const deliver = (tenant: string, id: string): Promise<void> =>
  fated(
    () =>
      new Promise((resolve, reject) => {
        const n = String(++deliveries);
        waiting.set(n, (failed) => (failed === undefined ? resolve() : reject(new Error(failed))));
        answer({ deliver: { n, tenant, id } });
      }),
  );

const clock = { now: () => Date.now() + start.skewMs };
const work = openWork({ ...start, clock, deliver, tie });

async function perform(ask: Extract<Ask, { readonly id: number }>): Promise<unknown> {
  switch (ask.call) {
    case "commit":
      return work.commit(ask.op);
    case "follow":
      return work.follow(ask.tenant);
    case "failover":
      return failOver({ tables: work.tables, clock, lanes, region }, ask.tenant);
    case "compare":
      return compareWithLog(work.log, work.tables.tenant(ask.tenant), ask.tenant);
  }
}

process.on("message", (message) => {
  const ask = message as Ask;
  if ("doom" in ask) {
    calls = 0;
    doom = ask.doom ?? undefined;
  } else if ("delivered" in ask) {
    waiting.get(ask.delivered)?.(ask.failed);
    waiting.delete(ask.delivered);
  } else {
    perform(ask).then(
      (value) => answer({ id: ask.id, value }),
      (error: unknown) =>
        answer({
          id: ask.id,
          error: isFailure(error)
            ? { code: error.code, message: error.message }
            : { code: "defect", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) },
        }),
    );
  }
});
process.on("disconnect", () => process.exit(0));

/** The wire may be down when the process starts. */
async function found(client: ReturnType<typeof dynamoClient>): Promise<string> {
  for (;;) {
    const arn = await streamArn(client, start.core).catch(() => undefined);
    if (arn !== undefined) return arn;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Wakes as the table's stream brings them: to every process that listens, so doubled. */
if (start.listens) {
  const options = { endpoint: start.endpoint, region, credentials: local };
  const wakes = dynamoWakes({
    client: new DynamoDBStreamsClient(options),
    streamArn: await found(dynamoClient(options)),
    pollMs: 50,
    onError: () => undefined, // what a wake fails at the sweeper does
  });
  wakes.listen(async ({ tenant }) => void (await work.follow(tenant)));
}
answer({ ready: true });
