/** What a copy of the core table is worth, tenant by tenant, as far as the time of one call reaches; the state machine calls again. */
import type { CopyVerdict } from "#events/log/judge-copy";
import type { CopiedTenants } from "#shared/adapters/aws/copied-tenants";
import { Failure } from "#shared/kernel/failure";

/** What the restore drill hands from call to call, and publishes in the end. */
export interface DrillReport {
  readonly tenants: number;
  /** Events up to which the lanes of all of them hold. */
  readonly events: number;
  /** States that were rebuilt from these and compared. */
  readonly items: number;
  /** Tenants of which the last seconds are there in part. */
  readonly with_tail: number;
  /** Tenants of which more than that is wrong. */
  readonly unsound: number;
  /** `tenant <id>: <what>`, of each kind the first ones; the function's log has all. */
  readonly tail: readonly string[];
  readonly damage: readonly string[];
}

/** JSON of the state machine: null for what is not there yet. */
export interface DrillPage {
  /** ISO 8601: the moment that the copy is of. */
  readonly restoredTo: string;
  readonly after: string | null;
  readonly report: DrillReport | null;
}

export interface DrillPart {
  /** Where the next call goes on; null when all were looked at. */
  readonly after: string | null;
  readonly report: DrillReport;
}

export interface RestoreCheck {
  readonly tenants: (after: string | undefined) => Promise<CopiedTenants>;
  readonly judge: (tenant: string, madeAt: number) => Promise<CopyVerdict>;
  /** Whether another tenant may be begun. */
  readonly timeLeft: () => boolean;
  readonly say: (level: "info" | "error", tenant: string, message: string) => void;
}

/** A cause of Step Functions has 32,768 characters at most, the state of an execution 256 KB. */
const mostLines = 20;
const mostOfLine = 500;
const nothing: DrillReport = { tenants: 0, events: 0, items: 0, with_tail: 0, unsound: 0, tail: [], damage: [] };

/** @throws Failure `malformed`, or what the table throws */
export async function checkCopy(
  { restoredTo, after, report: before }: DrillPage,
  { tenants, judge, timeLeft, say }: RestoreCheck,
): Promise<DrillPart> {
  const madeAt = Date.parse(restoredTo);
  if (Number.isNaN(madeAt)) throw new Failure("malformed", `restoredTo is the moment of the copy, not ${restoredTo}`);
  let report = before ?? nothing;
  let place = after ?? undefined;
  do {
    const { found, next } = await tenants(place);
    for (const { tenant, place: reached } of found) {
      const verdict = await judge(tenant, madeAt);
      sayVerdict(verdict, say);
      report = added(report, verdict);
      place = reached;
      if (!timeLeft()) return { after: reached, report };
    }
    place = next;
  } while (place !== undefined && timeLeft());
  return { after: place ?? null, report };
}

function sayVerdict({ tenant, events, items, tail, damage }: CopyVerdict, say: RestoreCheck["say"]): void {
  say("info", tenant, `${events} events hold, ${items} states compared, ${tail.length} in the tail`);
  for (const line of tail) say("info", tenant, `tail: ${line}`);
  for (const line of damage) say("error", tenant, `damage: ${line}`);
}

function added(report: DrillReport, { tenant, events, items, tail, damage }: CopyVerdict): DrillReport {
  const lines = (so: readonly string[], more: readonly string[]) =>
    [...so, ...more.map((line) => `tenant ${tenant}: ${line}`.slice(0, mostOfLine))].slice(0, mostLines);
  return {
    tenants: report.tenants + 1,
    events: report.events + events,
    items: report.items + items,
    with_tail: report.with_tail + (tail.length > 0 ? 1 : 0),
    unsound: report.unsound + (damage.length > 0 ? 1 : 0),
    tail: lines(report.tail, tail),
    damage: lines(report.damage, damage),
  };
}
