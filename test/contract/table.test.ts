import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { temporaryDir } from "./fixtures.ts";
import { tableContract } from "./table-contract.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo?.stop();
});

// A cache of three rows is emptied all the time: what it must not do is to be noticed.
for (const cachedRows of [0, 3])
  tableContract(`SQLite, ${cachedRows} rows cached`, async (clock) => {
    const dir = temporaryDir();
    const sqlite = openSqlite(join(dir.path, "trstctl.db"));
    return {
      store: sqliteTableStore(sqlite, clock, { cachedRows }),
      remove: async () => {
        sqlite.close();
        dir.remove();
      },
    };
  });

tableContract("DynamoDB", async (clock) => ({
  store: dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock }),
  remove: async () => undefined,
}));
