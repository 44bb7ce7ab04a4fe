import { expect, test } from "vitest";
import { partition } from "#events/item-kinds";
import { lambdaFunctions, wakeFunctions } from "#functions/registry";
import type { QueuedWake } from "#shared/adapters/aws/wake-queues";
import { streamEvent, type Written } from "#test/aws/lambda-events";
import { wakeNames, wakeSources } from "../lambda/wake-sources.ts";
import { createRouter } from "./app.ts";

function routerOver(refuses: (wake: QueuedWake) => boolean = () => false) {
  const reported: unknown[] = [];
  const sent: QueuedWake[] = [];
  const route = createRouter(
    {
      async send(wakes) {
        sent.push(...wakes.filter((wake) => !refuses(wake)));
        return wakes.filter(refuses).map((wake) => ({ wake, error: new Error("the queue is away") }));
      },
    },
    (error) => reported.push(error),
  );
  const rang = () => sent.map(({ queue, tenant }) => `${queue} ${tenant}`).toSorted();
  return { route: (written: readonly Written[]) => route(streamEvent(written)), rang, reported };
}

const event = (tenant: string, seq = 1): Written => ({
  pk: partition(tenant, "L", "0"),
  sk: `E#${String(seq).padStart(12, "0")}`,
});
const head = (tenant: string): Written => ({ pk: partition(tenant, "L", "0"), sk: "HEAD", eventName: "MODIFY" });
const pending = (tenant: string, more: Partial<Written> = {}): Written => ({
  pk: partition(tenant, "outbox"),
  sk: "o1",
  vpk: partition(tenant, "V", "outbox-pending"),
  ...more,
});

test("a batch rings once for each tenant and function that it concerns", async () => {
  const { route, rang } = routerOver();
  const answer = await route([
    event("a"),
    head("a"),
    event("a", 2),
    pending("a"),
    event("b"),
    pending("a", { sk: "o2" }),
  ]);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(rang()).toEqual(["outbox a", "projections a", "projections b"]);
});

test("late, doubled and interleaved records ring again, and for whom they are", async () => {
  const { route, rang } = routerOver();
  await route([event("b", 7), event("a", 3), event("b", 6)]);
  await route([event("a", 3), event("b", 7)]);
  expect(rang()).toEqual(["projections a", "projections a", "projections b", "projections b"]);
});

test("an entry that is redriven rings, one that is done or gone does not", async () => {
  const { route, rang } = routerOver();
  await route([
    pending("a", { eventName: "MODIFY" }),
    { pk: partition("b", "outbox"), sk: "o1", eventName: "MODIFY" },
    pending("c", { eventName: "REMOVE" }),
    { ...event("d"), eventName: "REMOVE" },
    { pk: partition("e", "acme-authorization"), sk: "x", vpk: partition("e", "V", "acme-validating") },
  ]);
  expect(rang()).toEqual(["acme-validating e", "outbox a"]);
});

test("a view of another tenant in an item rings for nobody", async () => {
  const { route, rang } = routerOver();
  await route([pending("a", { vpk: partition("b", "V", "outbox-pending") })]);
  expect(rang()).toEqual([]);
});

test("a record that is no tenant's is said and passed over: what stands behind it rings", async () => {
  const { route, rang, reported } = routerOver();
  const poison: Written[] = [
    { pk: "", sk: "E#1" },
    { pk: "G#tenant#x", sk: "-" },
    { pk: "T#A_B#L#0", sk: "E#1" },
    { pk: "T#", sk: "E#1" },
  ];
  expect(await route([...poison, event("a")])).toEqual({ batchItemFailures: [] });
  expect(rang()).toEqual(["projections a"]);
  expect(reported).toHaveLength(poison.length);
});

test("when a queue takes nothing, the stream begins again at the first record that asked for it", async () => {
  const { route, rang, reported } = routerOver(({ queue }) => queue === "outbox");
  const answer = await route([event("a"), event("b"), pending("b"), pending("a")]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "1002" }] });
  expect(rang()).toEqual(["projections a", "projections b"]);
  expect(reported).toHaveLength(2);
});

test("every wake function has its source, its own queue and a filter that lets its records through", () => {
  expect(wakeNames.toSorted()).toEqual(wakeFunctions.map(({ name }) => name).toSorted());
  const router = lambdaFunctions.find(({ name }) => name === "router");
  if (router?.trigger.kind !== "stream") throw new Error("the router follows no stream");
  // Lambda takes five filters on one event source.
  expect(router.trigger.filters.length).toBeLessThanOrEqual(5);
  const suffixes = JSON.stringify(router.trigger.filters);
  for (const source of Object.values(wakeSources))
    expect(suffixes).toContain("view" in source ? `#V#${source.view}` : "E#");
});
