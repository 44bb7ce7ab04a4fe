/** Frees the space of what expired, as fast as it comes: what one client leaves behind must not outgrow the disk. */
import { report } from "./report.ts";

/** In one transaction: few milliseconds, between which others have their turn. */
const rowsAtOnce = 1_000;
const everyMs = 60_000;
/** While there is more. */
const againMs = 100;

/** @param sweep deletes up to so many rows and says how many @returns stops it */
export function startExpirySweep(sweep: (limit: number) => number): () => void {
  let timer = setTimeout(run, everyMs);
  function run(): void {
    let deleted = 0;
    try {
      deleted = sweep(rowsAtOnce);
    } catch (error) {
      report(error, { function: "expiry" });
    }
    timer = setTimeout(run, deleted < rowsAtOnce ? everyMs : againMs);
  }
  return () => clearTimeout(timer);
}
