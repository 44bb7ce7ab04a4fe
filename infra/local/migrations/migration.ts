import type { DataMarker } from "../data-marker.ts";
import type { Places } from "../places.ts";

/**
 * One step from a format of the data directory to the next. Nothing else runs on the directory meanwhile.
 *
 * `apply` may be cut off at any moment and is then run again from the start: it must get on from whatever it left. What it
 * changes in the store is one transaction; files are written beside and renamed.
 */
export interface Migration {
  readonly from: string;
  readonly to: string;
  /** For the person who reads the log. */
  readonly does: string;
  /** @returns what the marker says from now on; the caller writes it */
  apply(places: Places, marker: DataMarker): Pick<DataMarker, "installation">;
}
