/**
 * What was refused, in the journal (I5): one record each while they are few, and above that as totals, so that a flood of
 * refusals cannot fill the disk. What a refused request holds may be anything, of any length.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { JournalRecord } from "#shared/ports/signer";
import { type Budget, createBudget } from "./budget.ts";
import type { KeyLookup } from "./guard/key-state.ts";
import type { Entry, Journal } from "./journal.ts";

/** A request that may be no request at all. */
export interface Refused {
  readonly tenant?: unknown;
  readonly handle?: unknown;
  readonly opId?: unknown;
  readonly type?: unknown;
  readonly requestHash?: unknown;
  readonly tbs?: Uint8Array;
}

export interface Refusals {
  /** Journals it, durable when it returns, and throws the error. */
  refuse(request: Refused, error: unknown): Promise<never>;
  /** Counts what is not written one by one. */
  count(tenant: string, handle: string, reason: string): void;
  /** Writes the totals. */
  flush(): Promise<void>;
}

/** A minute. About 1 KB each: a flood writes 1 MB a minute at most, and its totals. */
const written = { each: 200, all: 1_000 };
const maxText = 100;
const maxReason = 300;
const tooMany = "refused, more often than is written one by one";

const clipped = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;

/** What is a name, or would be: visible ASCII, so that it is read as it stands. */
const word = (value: unknown): string => {
  if (value === undefined || value === "") return "-";
  return typeof value === "string" ? clipped(value.replaceAll(/[^!-~]/g, "?"), maxText) : `(${typeof value})`;
};

/** What is counted only. */
export interface Shed {
  readonly tenant: string;
  readonly handle: string;
  readonly reason: string;
}

/** For all refusals of a process. */
export const refusalBudget = (clock: Clock): Budget => createBudget(clock, written);

/** @returns the record to write, or what it counts as when there are too many */
export function refusalOf(
  { tenant, handle, opId, type, requestHash, tbs }: Refused,
  error: unknown,
  { now, keys, budget }: { readonly now: number; readonly keys: Pick<KeyLookup, "byHandle">; readonly budget: Budget },
): { readonly entry: Entry } | { readonly shed: Shed } {
  const where = { tenant: word(tenant), handle: word(handle) };
  // What names no key of ours counts together: names are the asker's to make up.
  const owner = keys.byHandle(where.tenant, where.handle) === undefined ? { tenant: "-", handle: "-" } : where;
  if (!budget.take(`${owner.tenant}/${owner.handle}`)) return { shed: { ...owner, reason: tooMany } };
  const reason = clipped(error instanceof Failure ? error.message : "the signer failed", maxReason);
  return {
    entry: {
      time: now,
      op: "refuse",
      ...where,
      opId: word(opId),
      type: word(type) as JournalRecord["type"],
      ...(requestHash !== undefined && { requestHash: word(requestHash) }),
      reason: tbs === undefined ? reason : `${reason} [TBS ${sha256Hex(tbs)}]`,
    },
  };
}

/** So many at once, as one record. */
export const refusalTotal = (shed: Shed, count: number, now: number): Entry => ({
  time: now,
  op: "refuse",
  opId: "-",
  type: "key",
  ...shed,
  count,
});

export function createRefusals(journal: Pick<Journal, "append">, clock: Clock, keys: KeyLookup): Refusals {
  const budget = refusalBudget(clock);
  let totals = new Map<string, { readonly shed: Shed; count: number }>();

  function count(tenant: string, handle: string, reason: string): void {
    const name = JSON.stringify([tenant, handle, reason]);
    const total = totals.get(name) ?? { shed: { tenant, handle, reason }, count: 0 };
    total.count++;
    totals.set(name, total);
  }

  return {
    count,

    async refuse(request, error) {
      const refusal = refusalOf(request, error, { now: clock.now(), keys, budget });
      if ("entry" in refusal) await journal.append(refusal.entry);
      else count(refusal.shed.tenant, refusal.shed.handle, refusal.shed.reason);
      throw error;
    },

    async flush() {
      const before = totals;
      totals = new Map();
      for (const { shed, count: so } of before.values()) await journal.append(refusalTotal(shed, so, clock.now()));
    },
  };
}
