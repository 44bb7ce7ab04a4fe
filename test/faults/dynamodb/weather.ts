/** What the wire does in a round. */
import type { Random } from "../random.ts";
import type { Script, WireFault } from "./wire.ts";

const cancelled = (reason: string): WireFault => ({
  fault: "error",
  when: "before",
  error: { name: "TransactionCanceledException", reasons: [reason] },
});
const refused = (name: string, status = 400): WireFault => ({
  fault: "error",
  when: "before",
  error: { name, status },
});
const unheard = (name: string, status = 500): WireFault => ({
  fault: "error",
  when: "behind",
  error: { name, status },
});

const anywhere: readonly WireFault[] = [
  refused("ProvisionedThroughputExceededException"),
  refused("ThrottlingException"),
  refused("RequestLimitExceeded"),
  refused("ExpiredTokenException"),
  refused("UnrecognizedClientException"),
  refused("InternalServerError", 500),
  refused("ServiceUnavailable", 503),
  unheard("InternalServerError"),
  { fault: "cut", when: "before" },
  { fault: "cut", when: "within" },
  { fault: "cut", when: "behind" },
  { fault: "late", ms: 30 },
  { fault: "late", ms: 400 },
];

const ofTransactions: readonly WireFault[] = [
  cancelled("TransactionConflict"),
  cancelled("ThrottlingError"),
  cancelled("ProvisionedThroughputExceeded"),
  refused("TransactionInProgressException"),
  refused("TransactionConflictException"),
  unheard("TransactionInProgressException", 400),
  unheard("ThrottlingException", 400),
];

const ofReads: readonly WireFault[] = [
  { fault: "stale" },
  { fault: "short-pages", items: 1 },
  { fault: "short-pages", items: 3 },
];

/** @param part of the requests that meet a fault */
export function weather(random: Random, part: number): Script {
  return ({ operation }) => {
    if (!random.chance(part)) return undefined;
    const own = operation === "TransactWriteItems" ? ofTransactions : ofReads;
    return random.pick(random.chance(0.5) ? anywhere : own);
  };
}

/** Every request of some time fails in the same way. @param requests how many */
export function outage(random: Random, requests: number): Script {
  const fault = random.pick(anywhere.slice(0, 9));
  let left = requests;
  return () => (left-- > 0 ? fault : undefined);
}
