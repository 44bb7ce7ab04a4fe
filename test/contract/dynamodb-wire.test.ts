/** One fault of the wire at a time, through the client and the log: a recovery, or an error that says what to do, and one event. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#shared/adapters/local/clock";
import { isFailure } from "#shared/kernel/failure";
import { faultText, startWire, type Wire, type WireFault, type WireRequest } from "#test/faults/dynamodb/wire";
import { type Op, openWork, type Work } from "#test/faults/dynamodb/work";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { randomId } from "./fixtures.ts";

let dynamo: Dynamo;
let wire: Wire;
let work: Work;
beforeAll(async () => {
  dynamo = await startDynamo();
  wire = await startWire(dynamo.endpoint);
  const place = { endpoint: wire.endpoint, core: dynamo.tables.core };
  work = openWork({ ...place, clock: systemClock, deliver: async () => undefined });
});
afterAll(async () => {
  await wire?.stop();
  await dynamo?.stop();
});

const error = (name: string, when: "before" | "behind" = "before", status = 400): WireFault => ({
  fault: "error",
  error: { name, status },
  when,
});
const cancelled = (reason: string): WireFault => ({
  fault: "error",
  error: { name: "TransactionCanceledException", reasons: [reason] },
  when: "before",
});

const faults: readonly WireFault[] = [
  error("ThrottlingException"),
  error("ProvisionedThroughputExceededException"),
  error("RequestLimitExceeded"),
  error("ExpiredTokenException"),
  error("UnrecognizedClientException"),
  error("TransactionInProgressException"),
  error("TransactionInProgressException", "behind"),
  error("InternalServerError", "before", 500),
  error("InternalServerError", "behind", 500),
  cancelled("TransactionConflict"),
  cancelled("ThrottlingError"),
  cancelled("ProvisionedThroughputExceeded"),
  { fault: "cut", when: "before" },
  { fault: "cut", when: "within" },
  { fault: "cut", when: "behind" },
  { fault: "late", ms: 200 },
];

const opOf = (tenant: string, n: number): Op => ({
  tenant,
  key: `${tenant}-${n}`,
  verb: "member.put",
  id: "m",
  owner: "",
  effects: ["mail"],
});

async function eventsOf(tenant: string): Promise<number> {
  const heads = await work.log.heads(tenant);
  return heads.reduce((sum, { seq }) => sum + seq, 0);
}

for (const times of [1, 50])
  test.each(faults.map((fault) => [faultText(fault), fault] as const))(
    `a transaction that meets %s, ${times === 1 ? "once" : "until it is given up"}: one event in the end`,
    async (_, fault) => {
      const tenant = `t${randomId()}`;
      let left = times;
      wire.script = ({ operation }: WireRequest) =>
        operation === "TransactWriteItems" && left-- > 0 ? fault : undefined;
      const outcome = await work.commit(opOf(tenant, 1)).catch((failure: unknown) => failure);
      wire.script = () => undefined;
      if (outcome instanceof Error) {
        if (!isFailure(outcome, "unavailable")) throw outcome;
        expect(outcome.message).toMatch(/try again|look before trying again|busy/);
      }
      expect(await work.commit(opOf(tenant, 1))).toMatchObject({ resource: "m" });
      expect(await eventsOf(tenant)).toBe(1);
      await work.follow(tenant);
      expect(await eventsOf(tenant)).toBe(2); // and the effect is settled
    },
  );

test("pages that end at 1 MB and reads that are behind change nothing of what is read", async () => {
  const tenant = `t${randomId()}`;
  wire.script = () => ({ fault: "short-pages", items: 1 });
  for (let n = 1; n <= 6; n++) await work.commit(opOf(tenant, n));
  await work.follow(tenant);
  wire.script = ({ operation }) => (operation === "Query" ? { fault: "stale" } : undefined);
  await work.follow(tenant);
  wire.script = () => undefined;
  expect(await eventsOf(tenant)).toBe(12);
});

test.each(["AccessDeniedException", "ItemCollectionSizeLimitExceededException", "ValidationException"])(
  "%s is no fault of the request: it is not said to go away",
  async (name) => {
    const tenant = `t${randomId()}`;
    wire.script = ({ operation }) => (operation === "TransactWriteItems" ? error(name) : undefined);
    const outcome = await work.commit(opOf(tenant, 1)).catch((failure: unknown) => failure);
    wire.script = () => undefined;
    expect(outcome).toBeInstanceOf(Error);
    expect(isFailure(outcome, "unavailable")).toBe(false);
    expect(await eventsOf(tenant)).toBe(0);
  },
);
