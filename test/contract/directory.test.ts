import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { directoryContract } from "./directory-contract.ts";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { temporaryDir } from "./fixtures.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo?.stop();
});

// A cache of three rows is emptied all the time: what it must not do is to be noticed.
for (const cachedRows of [0, 3])
  directoryContract(`SQLite, ${cachedRows} rows cached`, async (clock) => {
    const dir = temporaryDir();
    const sqlite = openSqlite(join(dir.path, "trstctl.db"));
    return {
      directory: sqliteDirectory(sqlite, clock, { cachedRows }),
      remove: async () => {
        sqlite.close();
        dir.remove();
      },
    };
  });

directoryContract("DynamoDB", async (clock) => ({
  directory: dynamoDirectory({ client: dynamo.client, tableName: dynamo.tables.directory, clock }),
  remove: async () => undefined,
}));
