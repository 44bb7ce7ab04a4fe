import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { atMost, type Figure } from "../figure.ts";
import { inFlight, issueJob } from "../issuing.ts";
import type { RunningHost } from "../host.ts";
import type { Session } from "../session.ts";

/**
 * Rows written for one issuance that comes alone, everything that follows from it included (lane head, projections); then
 * at 64 in flight, where a batch shares its head. A row has revision 1 when it is new and one more for each rewrite, so
 * the sum of all revisions grows by one for each row written.
 */
export const rowsPerIssuance: Figure = {
  name: "rows_per_issuance",
  title: "rows written for one issuance",
  async measure(session) {
    const alone = await rowsFor(session, session.quick ? 10 : 50, 1);
    const together = await rowsFor(session, session.quick ? 200 : 2000, inFlight);
    return [
      { figure: "rows_per_issuance", unit: "rows", goal: atMost(6), samples: [alone] },
      { figure: "rows_per_issuance_64", unit: "rows", samples: [together] },
    ];
  },
};

async function rowsFor(session: Session, count: number, concurrent: number): Promise<number> {
  const host = await session.host();
  const generator = await session.generator();
  await generator.prepare(issueJob(host, count, concurrent));
  const before = await settled(host);
  await generator.run();
  return ((await settled(host)) - before) / count;
}

const settledMs = 1_000;

/**
 * Rows written so far for the tenant that issues; the host's own tenant has duties of its own. Waits until projections,
 * and what a start leaves to do, have caught up: until nothing is written any more.
 */
async function settled({ storePath }: RunningHost): Promise<number> {
  const db = new DatabaseSync(storePath, { readOnly: true });
  try {
    const statement = db.prepare("SELECT sum(rev) AS written FROM item WHERE pk > 'T#default#' AND pk < 'T#default$'");
    const written = (): number => Number(statement.get()?.["written"]);
    for (let last = written(); ; ) {
      await wait(settledMs);
      const now = written();
      if (now === last) return now;
      last = now;
    }
  } finally {
    db.close();
  }
}
