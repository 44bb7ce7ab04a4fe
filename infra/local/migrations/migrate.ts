/**
 * Brings a data directory to the format of this release. The marker names the new format before anything changes, so no
 * older release ever starts on something half done; `migrating_from` goes when it is done.
 */
import { type DataMarker, dataFormat, writeMarker } from "../data-marker.ts";
import type { Places } from "../places.ts";
import type { Migration } from "./migration.ts";
import { migrations } from "./registry.ts";

/** The steps that are still to be taken, the unfinished one first; undefined when none lead here. */
export function stepsFrom(
  { format, migrating_from }: DataMarker,
  known: readonly Migration[] = migrations,
  target: string = dataFormat,
): readonly Migration[] | undefined {
  const start = migrating_from ?? format;
  const at = known.findIndex(({ from }) => from === start);
  if (at === -1) return format === target && migrating_from === undefined ? [] : undefined;
  return migrating_from === undefined || known[at]?.to === format ? known.slice(at) : undefined;
}

/** @returns what was done, a line for each step */
export function migrate(places: Places, found: DataMarker, steps: readonly Migration[]): readonly string[] {
  let marker = found;
  return steps.map((step) => {
    const { from, to, does } = step;
    writeMarker(places.data, { ...marker, format: to, migrating_from: from });
    marker = { ...step.apply(places, marker), format: to };
    writeMarker(places.data, marker);
    return `${places.data} was brought from format ${from} to ${to}, which ${does}; older releases do not read it any more`;
  });
}
