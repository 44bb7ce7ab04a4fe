import { expect, test } from "vitest";
import { createLanes } from "./lanes.ts";

/** Jobs that end when they are told to. */
function jobs() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { started, job, end };
}

test("one slow and two quick at a time; tenants take turns", async () => {
  const lanes = createLanes();
  const { started, job, end } = jobs();
  const slow = [
    ["a", "a1"],
    ["a", "a2"],
    ["a", "a3"],
    ["b", "b1"],
  ].map(([tenant = "", name = ""]) => lanes.run("slow", tenant, job(name)));
  const quick = ["q1", "q2", "q3"].map((name) => lanes.run("quick", "a", job(name)));
  expect(started).toEqual(["a1", "q1", "q2"]);
  await end("a1");
  await end("a2");
  expect(started).toEqual(["a1", "q1", "q2", "a2", "b1"]);
  await end("b1");
  await end("q2");
  await end("a3");
  await end("q1");
  await end("q3");
  expect(await Promise.all([...slow, ...quick])).toEqual(["a1", "a2", "a3", "b1", "q1", "q2", "q3"]);
});

test("what fails makes room for the next, and fails for its caller alone", async () => {
  const lanes = createLanes();
  const failed = lanes.run("slow", "a", () => Promise.reject(new Error("broken")));
  const next = lanes.run("slow", "a", () => Promise.resolve(1));
  await expect(failed).rejects.toThrow("broken");
  await expect(next).resolves.toBe(1);
});

test("more than five seconds of work of one tenant are refused before they wait; another tenant has its own room", async () => {
  const lanes = createLanes();
  const { job } = jobs();
  const takes = { lane: "slow", ms: 1_000 } as const;
  const wait = (tenant: string) => {
    lanes.assertRoom(takes, tenant);
    void lanes.run("slow", tenant, job(tenant));
  };
  for (let n = 0; n < 6; n++) wait("a"); // one at work, five waiting
  expect(() => lanes.assertRoom(takes, "a")).toThrow(/5 signatures of this kind wait/);
  expect(() => lanes.assertRoom({ ...takes, ms: 10 }, "a")).not.toThrow();
  expect(() => wait("b")).not.toThrow();
});
