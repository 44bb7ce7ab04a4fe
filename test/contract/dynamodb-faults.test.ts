/** Some rounds of `npm run test:faults -- --store dynamodb`: real processes, killed; a wire that fails; nothing lost or doubled. */
import { expect, test } from "vitest";
import { runDynamoRounds } from "#test/faults/dynamodb/rounds";

test("processes at one DynamoDB, killed at any moment on a bad wire: nothing is lost or doubled", {
  timeout: 300_000,
}, async () => {
  const said: string[] = [];
  const tally = await runDynamoRounds(2, Date.now() % 1_000_000, (line) => void said.push(line), 12);
  expect({ ...tally, acknowledged: 0 }, said.join("\n")).toEqual({
    rounds: 2,
    acknowledged: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
  });
  expect(tally.acknowledged).toBeGreaterThan(10);
});
