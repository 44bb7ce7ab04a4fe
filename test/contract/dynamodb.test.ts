/** What no emulator can be made to answer: conflicts, throttling and lost connections, from a server that plays DynamoDB. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { isFailure } from "#shared/kernel/failure";
import type { Outcome, Table, Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";
import { manualClock } from "./fixtures.ts";

/** Answers one request after the other; the last answer for ever. */
type Answer = (response: ServerResponse) => void;
let answers: Answer[] = [];
let requests: Record<string, unknown>[] = [];
const server = createServer((request, response) => void play(request, response));
let endpoint = "";

async function play(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  requests.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(response);
}

beforeEach(async () => {
  answers = [];
  requests = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  endpoint = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const json =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  };
const error = (name: string, more: object = {}, status = 400): Answer =>
  json(status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "planted", ...more });
const cancelled = (...codes: readonly string[]): Answer =>
  error("TransactionCanceledException", { CancellationReasons: codes.map((Code) => ({ Code })) });
const hangUp: Answer = (response) => response.destroy();

const clock = manualClock();
const client = () =>
  dynamoClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } });
const table = (): Table => dynamoTableStore({ clientOf: () => client(), tableName: "core", clock }).tenant("acme");
const put = (sk: string): Write => ({
  put: { pk: anyPartition("T#acme#thing"), sk, rev: 1, body: "{}" },
  if: "absent",
});
const transact = async (...played: readonly Answer[]): Promise<Outcome> => {
  answers = [...played];
  return await table().transact([put("a"), put("b"), put("c")]);
};
const thrown = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "nothing",
    (reason: unknown) => reason,
  );

const contended = { ok: false, failed: [], contended: true };

test("a conflict with another transaction, or throttling within this one, is contended", async () => {
  expect(await transact(cancelled("None", "TransactionConflict", "None"))).toEqual(contended);
  expect(await transact(cancelled("ThrottlingError", "None", "TransactionConflict"))).toEqual(contended);
  expect(await transact(cancelled("None", "None", "ProvisionedThroughputExceeded"))).toEqual(contended);
});

test("a condition that fails outweighs a conflict beside it", async () => {
  const outcome = await transact(cancelled("ConditionalCheckFailed", "TransactionConflict", "ConditionalCheckFailed"));
  expect(outcome).toEqual({ ok: false, failed: [0, 2], contended: false });
});

test("a transaction that is wrong in itself is a defect, not an outcome", async () => {
  for (const answer of [
    cancelled("None", "ValidationError", "None"),
    error("ValidationException"),
    error("AccessDeniedException"),
  ]) {
    const reason = await thrown(transact(answer));
    expect(reason).toBeInstanceOf(Error);
    expect(isFailure(reason)).toBe(false);
  }
});

test("a lost answer is asked for again with the same token, so that nothing is written twice", async () => {
  expect(await transact(hangUp, error("InternalServerError", {}, 500), json(200, {}))).toEqual({ ok: true });
  expect(requests).toHaveLength(3);
  expect(new Set(requests.map((request) => request["ClientRequestToken"])).size).toBe(1);
  expect(await transact(json(200, {}))).toEqual({ ok: true });
  expect(requests[3]?.["ClientRequestToken"]).not.toBe(requests[0]?.["ClientRequestToken"]);
});

/** The item that the client asked to put, as what lies there now. */
const thereAlready =
  (change: object = {}): Answer =>
  (response) => {
    const item = requests.at(-1)?.["Item"] as object;
    error("ConditionalCheckFailedException", { Item: { ...item, ...change } })(response);
  };

test("one write alone is no transaction; its condition, a conflict and a lost answer come out as in one", async () => {
  const one = async (write: Write, ...played: readonly Answer[]): Promise<Outcome> => {
    answers = [...played];
    return await table().transact([write]);
  };
  const remove: Write = { delete: { pk: "T#acme#thing", sk: "a" }, if: { rev: 1 } };
  const lost = { ok: false, failed: [0], contended: false };
  expect(await one(put("a"), json(200, {}))).toEqual({ ok: true });
  expect(requests[0]).not.toHaveProperty("TransactItems");
  expect(await one(put("a"), error("ConditionalCheckFailedException"))).toEqual(lost);
  expect(await one(remove, error("ConditionalCheckFailedException"))).toEqual(lost);
  expect(await one(put("a"), error("TransactionConflictException"))).toEqual(contended);
  // Written by the try whose answer was lost: ours. By another, even with the same content: theirs.
  expect(await one(put("a"), hangUp, thereAlready())).toEqual({ ok: true });
  expect(await one(put("a"), hangUp, thereAlready({ by: { S: "another" } }))).toEqual(lost);
  expect(await one(put("a"), thereAlready())).toEqual(lost);
  // Gone, by us or by another: nobody can tell.
  const reason = await thrown(one(remove, hangUp, error("ConditionalCheckFailedException")));
  expect(isFailure(reason, "unavailable")).toBe(true);
});

test("what depends on DynamoDB being there is unavailable, a missing table is misconfigured", async () => {
  for (const answer of [
    hangUp,
    error("InternalServerError", {}, 500),
    error("ThrottlingException"),
    error("ProvisionedThroughputExceededException"),
    error("TransactionInProgressException"),
  ]) {
    const directory = dynamoDirectory({ client: client(), tableName: "directory", clock });
    const reasons = await Promise.all([
      thrown(transact(answer)),
      thrown(table().get({ pk: "T#acme#thing", sk: "a" })),
      thrown(directory.resolve("endpoint", "a")),
    ]);
    expect(reasons.map((reason) => isFailure(reason, "unavailable"))).toEqual([true, true, true]);
  }
  expect(isFailure(await thrown(transact(error("ResourceNotFoundException"))), "misconfigured")).toBe(true);
});
