/** Finds certificates that were revoked or superseded, in the order in which they end: few among many that are valid. */
import { type Certificate, certificateId } from "#shared/domain/certificate/certificate";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { IndexEntry } from "./projection.ts";

type End = "revoked" | "superseded";

interface Ended {
  readonly issuer: string;
  readonly serial: string;
  /** Absent in what earlier releases wrote: then they come first. */
  readonly not_after?: string | undefined;
}

const revoked = ({ issuer, serial, not_after = "" }: Ended): IndexEntry => {
  const id = certificateId(issuer, serial);
  return { sort: `revoked#${not_after}#${id}`, id };
};

/** A certificate may be superseded more than once: by whom is part of the entry. */
const superseded = (id: string, until: string, by: string): IndexEntry => ({
  sort: `superseded#${until}#${id}#${by}`,
  id,
});

/** What an event of the log puts into the index. */
export function endEntries({ event }: LoggedEvent): readonly IndexEntry[] {
  switch (event.type) {
    case "certificate.issued": {
      // Earlier releases did not write it: then it is found as long as its successor lives, which is longer.
      const { replaces, issuer, serial, not_after, replaces_until = not_after } = event.data;
      return replaces === undefined ? [] : [superseded(replaces, replaces_until, certificateId(issuer, serial))];
    }
    case "certificate.reconciled":
    case "certificate.revoked":
      return [revoked(event.data)];
    case "identity.revoked":
    case "revocation-job.advanced":
      return event.data.certificates.map(revoked);
    default:
      return [];
  }
}

/** @param from and to ends of validity, RFC 3339 with milliseconds, inclusive */
export const endedRange = (end: End, from: string | undefined, to: string | undefined) => ({
  from: `${end}#${from ?? ""}`,
  to: `${end}#${to ?? "~"}$`, // `$` follows `#`
});

/** False for the entry of an earlier successor: each certificate is shown once. */
export const isEndedEntryOf = ({ replaced_by }: Certificate, sort: string): boolean =>
  !sort.startsWith("superseded#") || (replaced_by !== null && sort.endsWith(`#${replaced_by}`));
