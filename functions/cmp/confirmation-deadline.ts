/** Certificates that nobody confirms in time are revoked (RFC 9810 5.1.1.2, docs/design/0057). */
import { isFailure } from "#shared/kernel/failure";
import type { Deps } from "#shared/usecases/deps";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import type { BoundDeps } from "../function.ts";
import { keepAt, type Place, transactionAt } from "./transaction.ts";

/** How long a requester may take over its certConf: confirmWaitTime. */
export const confirmWaitMs = 10 * 60_000;
const sweepEveryMs = 1_000;

/** Why: it was never in use. */
const reason = "cessationOfOperation";

export interface Unconfirmed {
  readonly place: Place;
  /** Id in the inventory. */
  readonly certificate: string;
  /** Whose it is, for the audit trail. */
  readonly subject: string;
}

/** What this process has given out and not heard of since. */
export interface Deadlines {
  /** @returns until when it waits, milliseconds since 1970 */
  expect(unconfirmed: Unconfirmed): number;
  settled(place: Place): void;
}

export function createDeadlines(deps: BoundDeps): Deadlines {
  /** All wait equally long: the oldest is due first. */
  const waiting = new Map<string, Unconfirmed & { readonly dueMs: number }>();
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    if (waiting.size > 0) timer ??= setTimeout(() => void sweep(), sweepEveryMs).unref();
  }
  async function sweep(): Promise<void> {
    timer = undefined;
    for (const [key, unconfirmed] of waiting) {
      if (unconfirmed.dueMs > deps.clock.now()) break;
      waiting.delete(key);
      await end(deps, unconfirmed).catch((error: unknown) => deps.report(error, { function: "cmp" }));
    }
    arm();
  }
  return {
    expect(unconfirmed) {
      const dueMs = deps.clock.now() + confirmWaitMs;
      waiting.set(keyOf(unconfirmed.place), { ...unconfirmed, dueMs });
      arm();
      return dueMs;
    },
    settled: (place) => void waiting.delete(keyOf(place)),
  };
}

const keyOf = ({ tenant, name }: Place): string => `${tenant} ${name}`;

async function end(deps: BoundDeps, { place, certificate, subject }: Unconfirmed): Promise<void> {
  const transaction = await transactionAt(deps, place);
  if (transaction !== undefined && transaction.stage !== "unconfirmed") return; // confirmed in another process
  // First: a certConf that comes now is too late.
  if (transaction !== undefined) await keepAt(deps, place, { ...transaction, stage: "rejected" });
  await revokeUnwanted(deps, { tenant: place.tenant, subject }, certificate);
}

/** Takes back what the requester does not take. */
export async function revokeUnwanted(
  deps: Deps,
  { tenant, subject }: { readonly tenant: string; readonly subject: string },
  certificate: string,
): Promise<void> {
  const principal = { tenant, subject, roles: [], scopes: ["certs:issue"] } as const;
  try {
    await revokeCertificate(deps, { principal, operation: `cmp/unwanted/${certificate}` }, certificate, reason);
  } catch (error) {
    if (!isFailure(error, "conflict")) throw error; // somebody revoked it already
  }
}
