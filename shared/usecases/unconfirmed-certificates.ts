/**
 * Certificates whose requester is to say whether it takes them (CMP certConf, RFC 9810 5.1.1.2): who does not in time has
 * them revoked (docs/design/0057). They stand in a list of the store, so whatever process ends, the clock of any other finds
 * them. Confirmation and clock contend for the one entry: each first says in it what it is about to do.
 */
import { isFailure } from "#shared/kernel/failure";
import type { ShortLived, ShortLivedName } from "#shared/ports/short-lived";
import type { Deps } from "./deps.ts";
import { revokeCertificate } from "./revoke-certificate.ts";

/** How long a requester may take (confirmWaitTime). */
export const confirmWaitMs = 10 * 60_000;
/** Of an outage of everything that could revoke it. */
const keptMs = 7 * 86_400_000;
const pageSize = 100;
/** Why: it was never in use. */
const reason = "cessationOfOperation";

interface Waiting {
  /** Id in the inventory. */
  readonly certificate: string;
  /** Whose it is, for the audit trail. */
  readonly subject: string;
  readonly dueMs: number;
  /** What whoever came first does with it. */
  readonly fate?: "confirmed" | "revoked";
}

interface UnconfirmedDeps extends Deps {
  readonly shortLived: ShortLived;
}

const entry = (transaction: string): ShortLivedName => ({ list: "unconfirmed", key: transaction });

/** @param transaction names it within the tenant @returns until when it waits, milliseconds since 1970 */
export async function expectConfirmation(
  { shortLived, clock }: UnconfirmedDeps,
  tenant: string,
  transaction: string,
  { certificate, subject }: Pick<Waiting, "certificate" | "subject">,
): Promise<number> {
  const dueMs = clock.now() + confirmWaitMs;
  const waiting: Waiting = { certificate, subject, dueMs };
  await shortLived.put(tenant, entry(transaction), JSON.stringify(waiting), keptMs);
  return dueMs;
}

/**
 * @returns whether it is in time. Then it stays: `settleConfirmation` follows when that is on record.
 * @param byMs until when it was to be
 */
export async function confirmInTime(
  { shortLived, clock }: UnconfirmedDeps,
  tenant: string,
  transaction: string,
  byMs: number,
): Promise<boolean> {
  const from = await shortLived.get(tenant, entry(transaction));
  // Nobody but another confirmation of the same removes it before its time.
  if (from === undefined) return clock.now() < byMs;
  const waiting = JSON.parse(from) as Waiting;
  if (waiting.fate !== undefined) return waiting.fate === "confirmed";
  const to = JSON.stringify({ ...waiting, fate: "confirmed" } satisfies Waiting);
  if (await shortLived.replace(tenant, entry(transaction), { from, to }, keptMs)) return true;
  return confirmInTime({ shortLived, clock } as UnconfirmedDeps, tenant, transaction, byMs);
}

/** Confirmed or rejected, and on record. */
export const settleConfirmation = async (
  { shortLived }: Pick<UnconfirmedDeps, "shortLived">,
  tenant: string,
  transaction: string,
): Promise<void> => void (await shortLived.take(tenant, entry(transaction)));

/** A duty of the clock: revokes what nobody confirmed in time. Idempotent; what fails is tried again by the next. */
export async function sweepUnconfirmed(deps: UnconfirmedDeps, tenant: string): Promise<void> {
  const { shortLived, clock } = deps;
  let after: string | undefined;
  do {
    const page = await shortLived.list(tenant, "unconfirmed", { limit: pageSize, after });
    for (const { key, body: from } of page.items) {
      const waiting = JSON.parse(from) as Waiting;
      if (waiting.dueMs > clock.now()) continue;
      if (waiting.fate !== "confirmed") {
        const to = JSON.stringify({ ...waiting, fate: "revoked" } satisfies Waiting);
        // Confirmed at this moment, or another clock's.
        if (from !== to && !(await shortLived.replace(tenant, entry(key), { from, to }, keptMs))) continue;
        await revokeUnwanted(deps, { tenant, subject: waiting.subject }, waiting.certificate);
      }
      await shortLived.take(tenant, entry(key));
    }
    after = page.cursor;
  } while (after !== undefined);
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
