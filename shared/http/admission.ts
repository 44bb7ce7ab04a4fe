/**
 * Who may come in (I8), before anything is read or parsed: so many at once, and of them no tenant more than leaves room for
 * one that is not there yet. Under load the number shrinks, so that what is let in is answered soon and the rest at once.
 */
export interface Admission {
  /** @returns false when full, or when this share has what it may have; what was let in must `leave` */
  enter(share: string): boolean;
  leave(share: string): void;
  /** To be told again and again how late the event loop is, milliseconds: a queue that stands there makes the house smaller. */
  late(ms: number): void;
  readonly refused: () => number;
}

export interface AdmissionLimits {
  /** Places when the event loop keeps up. */
  readonly most: number;
  /** Places however late it is. */
  readonly least: number;
  /** Later than this is too late, milliseconds. */
  readonly targetMs: number;
}

/** How much the last word about lateness counts. */
const weight = 0.2;
const shrink = 0.9;
const growBy = 4;

export function createAdmission({ most, least, targetMs }: AdmissionLimits): Admission {
  const shares = new Map<string, number>();
  let places = most;
  let inside = 0;
  let refused = 0;
  let lateness = 0;
  return {
    enter(share) {
      const ofShare = shares.get(share);
      const sharing = shares.size + (ofShare === undefined ? 1 : 0);
      // One share more than there are: whoever comes next finds a place.
      if (inside < places && (ofShare ?? 0) < Math.max(1, Math.floor(places / (sharing + 1)))) {
        inside++;
        shares.set(share, (ofShare ?? 0) + 1);
        return true;
      }
      refused++;
      return false;
    },
    leave(share) {
      inside--;
      const left = (shares.get(share) ?? 1) - 1;
      if (left === 0) shares.delete(share);
      else shares.set(share, left);
    },
    late(ms) {
      lateness += (ms - lateness) * weight;
      places = lateness > targetMs ? Math.max(least, Math.floor(places * shrink)) : Math.min(most, places + growBy);
    },
    refused: () => refused,
  };
}
