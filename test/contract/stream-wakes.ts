/** Wakes by the stream of a suite's own table. Nobody rings: the write of an event does. */
import { streamArn } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { dynamoWakes } from "#shared/adapters/aws/wakes";
import { systemClock } from "#shared/adapters/local/clock";
import { anyPartition } from "./any-key.ts";
import type { Dynamo } from "./dynamo.ts";
import { randomId } from "./fixtures.ts";
import type { MadeWakes } from "./wakes-contract.ts";

export async function streamWakes({ client, streams, tables }: Dynamo): Promise<MadeWakes> {
  const reported: unknown[] = [];
  const store = dynamoTableStore({ clientOf: () => client, tableName: tables.core, clock: systemClock });
  const wakes = dynamoWakes({
    client: streams,
    streamArn: await streamArn(client, tables.core),
    pollMs: 20,
    onError: (error) => reported.push(error),
  });
  return {
    wakes,
    reported,
    ring: async ({ tenant, lane }) => {
      const key = { pk: anyPartition(`T#${tenant}#L#${lane}`), sk: `E#${randomId()}` };
      await store.tenant(tenant).transact([{ put: { ...key, rev: 1, body: "{}" }, if: "absent" }]);
    },
    remove: async () => undefined,
  };
}
