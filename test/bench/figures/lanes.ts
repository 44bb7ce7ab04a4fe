import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { dynamodbLocal, startDynamodbLocal } from "#test/interop/tools/dynamodb-local";
import { install } from "#test/interop/tools/tool";
import type { Figure, Line } from "../figure.ts";
import { contest } from "../lanes/contest.ts";

const laneCounts = [1, 2, 8, 16];
const processCounts = [1, 2, 4, 8, 16];

/**
 * Commits a second to one tenant, by lanes and processes, and what became of the transactions. On an emulator on this
 * machine: how often a head is lost is the log's doing, the rates are the machine's.
 */
const lanesOn = (name: string, where: string, start: () => Promise<Dynamo>): Figure => ({
  name,
  title: `commits a second to one tenant on ${where}, by lanes and processes`,
  async measure(session) {
    const dynamo = await start();
    try {
      const lines: Line[] = [];
      const length = session.quick ? 300 : 3_000;
      for (const count of laneCounts) {
        for (const processes of processCounts) {
          for (const reads of [true, false]) {
            const outcome = await contest(dynamo, { lanes: count, processes, length, reads });
            const figure = `${name}_${count}x${processes}_${reads ? "read" : "kept"}`;
            const line = (what: string, unit: string, value: number): Line => ({
              figure: `${figure}${what}`,
              unit,
              samples: [value],
            });
            lines.push(
              line("", "1/s", outcome.perSecond),
              line("_cancelled", "%", outcome.conflicts * 100),
              line("_tries", "per commit", outcome.tries),
              line("_p99", "ms", outcome.p99),
              line("_busy", "refused", outcome.busy),
            );
          }
        }
      }
      return lines;
    } finally {
      await dynamo.stop();
    }
  },
});

export const lanes = lanesOn("lanes", "dynoxide or AWS_ENDPOINT_URL", () => startDynamo());

/** Installs it where it is not there: Maven and Java. */
export const lanesDynamodbLocal = lanesOn("lanes_local", "DynamoDB Local", async () => {
  await install(dynamodbLocal);
  return startDynamo(startDynamodbLocal);
});
