import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { wakesOf } from "#shared/adapters/aws/wakes";
import { localWakes } from "#shared/adapters/local/wakes";
import type { Wake } from "#shared/ports/wakes";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { streamWakes } from "./stream-wakes.ts";
import { wakesContract } from "./wakes-contract.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo?.stop();
});

wakesContract("in process", async () => {
  const reported: unknown[] = [];
  const wakes = localWakes({ onError: (error) => reported.push(error) });
  return { wakes, reported, ring: async (wake) => wakes.ring(wake), remove: async () => undefined };
});

wakesContract("DynamoDB stream", () => streamWakes(dynamo));

describe("in process", () => {
  const settle = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 20));

  test("rings that wait become one", async () => {
    const heard: Wake[] = [];
    const wakes = localWakes({ onError: () => undefined });
    wakes.listen(async (wake) => {
      heard.push(wake);
    });
    for (let n = 0; n < 100; n++) wakes.ring({ tenant: "acme", lane: n % 2 });
    expect(heard).toEqual([]);
    await settle();
    expect(heard).toEqual([
      { tenant: "acme", lane: 0 },
      { tenant: "acme", lane: 1 },
    ]);
  });

  test("neither pending wakes nor running listeners grow without bound", async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const wakes = localWakes({ onError: () => undefined, maxPending: 50, concurrency: 4 });
    wakes.listen(async () => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      calls++;
    });
    for (let lane = 0; lane < 1000; lane++) wakes.ring({ tenant: "acme", lane });
    await vi.waitFor(() => expect(calls).toBe(50), { timeout: 10_000 });
    await settle();
    expect([most, calls]).toEqual([4, 50]);
  });
});

test("only new events of a lane ring", () => {
  const record = (pk: string, sk: string, eventName = "INSERT") => ({
    eventName,
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } },
  });
  const records = [
    record("T#acme#L#0", "E#000000000001"),
    record("T#acme#L#0", "E#000000000002"),
    record("T#acme#L#12", "E#000000000001"),
    record("T#acme#L#1", "E#000000000001", "MODIFY"),
    record("T#acme#L#2", "E#000000000001", "REMOVE"),
    record("T#acme#L#3", "HEAD"),
    record("T#acme#certificate", "E#1"),
    record("T#acme#L#x", "E#1"),
    record("T#acme#L#", "E#1"),
    record("T#a#b#L#1", "E#1"),
    record("G#acme#L#1", "E#1"),
    { eventName: "INSERT" },
    {},
  ];
  expect(wakesOf(records)).toEqual([
    { tenant: "acme", lane: 0 },
    { tenant: "acme", lane: 12 },
  ]);
});
