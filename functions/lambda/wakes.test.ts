import { expect, test } from "vitest";
import type { QueuedWake } from "#shared/adapters/aws/wake-queues";
import { queueEvent, wakeOf } from "#test/aws/lambda-events";
import { wakeHandler } from "./wakes.ts";

function handlerOver(wake: (tenant: string) => Promise<number | undefined>, refused = false) {
  const reported: { readonly error: unknown; readonly context: object }[] = [];
  const sent: QueuedWake[] = [];
  const handle = wakeHandler(
    { name: "outbox", report: (error, context) => void reported.push({ error, context }) },
    wake,
    {
      async send(wakes) {
        sent.push(...wakes);
        return refused ? wakes.map((one) => ({ wake: one, error: new Error("queue is away") })) : [];
      },
    },
  );
  return { handle, reported, sent };
}

test("each tenant of a batch runs once; what fails is tried again for that tenant's messages alone", async () => {
  const ran: string[] = [];
  const { handle, reported } = handlerOver(async (tenant) => {
    ran.push(tenant);
    if (tenant === "b") throw new Error("the store is away");
    return undefined;
  });
  const answer = await handle(queueEvent(["a", "b", "a", "c", "b"].map(wakeOf)));
  expect(ran.toSorted()).toEqual(["a", "b", "c"]);
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m1" }, { itemIdentifier: "m4" }]);
  expect(reported).toHaveLength(1);
  expect(reported[0]?.context).toMatchObject({ tenant: "b" });
});

test("tenants run side by side: a slow one holds up none", async () => {
  const ended: string[] = [];
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const { handle } = handlerOver(async (tenant) => {
    if (tenant === "slow") await slow;
    ended.push(tenant);
    if (tenant === "quick") release();
    return undefined;
  });
  await handle(queueEvent(["slow", "quick"].map(wakeOf)));
  expect(ended).toEqual(["quick", "slow"]);
});

test.each(["", "x", "null", "[]", '{"tenant":1}', '{"tenant":"A#b"}', '{"tenant":"../x"}', "{}"])(
  "the message %j names no tenant: it is said, and does not come again",
  async (body) => {
    const { handle, reported } = handlerOver(() => Promise.reject(new Error("not to be called")));
    expect((await handle(queueEvent([body]))).batchItemFailures).toEqual([]);
    expect(reported).toHaveLength(1);
  },
);

test("who wants to be called again gets a message that comes later, and one only", async () => {
  const { handle, sent } = handlerOver(async (tenant) => (tenant === "a" ? 1_500 : 10_000_000));
  await handle(queueEvent(["a", "b"].map(wakeOf)));
  expect(sent).toEqual([
    { queue: "outbox", tenant: "a", delaySeconds: 2 },
    { queue: "outbox", tenant: "b", delaySeconds: 900 },
  ]);
  await handle(queueEvent(["a", "b"].map(wakeOf)));
  expect(sent).toHaveLength(2);
});

test("a sooner look is sent beside the later one that is under way", async () => {
  const waits = [60_000, 1_000, 30_000];
  const { handle, sent } = handlerOver(async () => waits.shift());
  for (let n = 0; n < 3; n++) await handle(queueEvent([wakeOf("a")]));
  expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([60, 1]);
});

test("when the later message cannot be sent, the one that came is tried again", async () => {
  const { handle, reported } = handlerOver(async () => 5_000, true);
  const first = await handle(queueEvent([wakeOf("a")]));
  expect(first.batchItemFailures).toEqual([{ itemIdentifier: "m0" }]);
  expect(String(reported[0]?.error)).toContain("queue is away");
  expect((await handle(queueEvent([wakeOf("a")]))).batchItemFailures).toHaveLength(1);
});
