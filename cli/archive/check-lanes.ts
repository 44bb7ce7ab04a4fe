/** The events of an export one after the other: nothing changed, missing, doubled or moved in its lane. */
import { linkHash } from "#events/log/chain";
import type { ArchiveLine, Manifest } from "#events/checkpoints/archive";
import { sha256Hex } from "#shared/crypto/hash";
import type { Faults } from "./faults.ts";

export interface LaneCheck {
  /** The text of an event is what its hash says, and it stands where it belongs in its lane. */
  take(line: ArchiveLine): void;
  /** The lane of the last line began anew within a checkpoint: lanes stand one behind the other in it. */
  checkpointPassed(): void;
  /** Anchors that nothing followed. */
  end(): void;
}

interface Lane {
  sequence: number;
  hash: string;
  readonly missing: Set<number>;
  used: boolean;
}

const named = (lane: number, sequence: number): string => `event ${sequence} of lane ${lane}`;
const isMissing = "the event is missing";

export function createLaneCheck({ tenant, lanes: anchors }: Manifest, faults: Faults): LaneCheck {
  const lanes = new Map<number, Lane>();
  for (const { lane, sequence, hash } of anchors) lanes.set(lane, { sequence, hash, missing: new Set(), used: false });
  /** Highest lane since the last checkpoint. */
  let highest = 0;

  return {
    take({ lane: number, sequence, hash, event, sha256 }) {
      const where = named(number, sequence);
      const lane = lanes.get(number) ?? { sequence: 0, hash: "", missing: new Set<number>(), used: true };
      lanes.set(number, lane);
      lane.used = true;
      if (number < highest)
        faults.add(
          where,
          `it stands behind events of lane ${highest} that the same checkpoint covers: events were reordered`,
        );
      highest = Math.max(highest, number);
      if (sequence <= lane.sequence) {
        const moved = lane.missing.delete(sequence);
        if (moved) faults.withdraw(where, isMissing);
        faults.add(
          where,
          moved ? `it stands behind event ${lane.sequence}: events were reordered` : "it stands there twice",
        );
        return;
      }
      for (let due = lane.sequence + 1; due < sequence && lane.missing.size < 100; due++) {
        lane.missing.add(due);
        faults.add(named(number, due), isMissing);
      }
      const digest = event === undefined ? (sha256 ?? "") : sha256Hex(event);
      const whole = sequence === lane.sequence + 1;
      if (whole && linkHash({ tenant, lane: number, seq: sequence, prev: lane.hash, sha256: digest }) !== hash)
        faults.add(where, "its text, its hash or the hash before it was changed: they do not fit each other");
      lane.sequence = sequence;
      lane.hash = hash;
    },
    checkpointPassed() {
      highest = 0;
    },
    end() {
      for (const [number, lane] of lanes)
        if (!lane.used) faults.add(`lane ${number}`, "the manifest names it, but it has no events in here");
    },
  };
}
