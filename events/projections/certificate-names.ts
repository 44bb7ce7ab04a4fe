/** Finds certificates by what a person knows: how a name begins, or the domain that it is in. */
import { certificateId, type SignedCertificate } from "#shared/domain/certificate/certificate";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { IndexEntry } from "./projection.ts";

/** Longer ones are found by their beginning. */
const maxNameLength = 200;
/** `dns:`, `ip:`, `email:`, `uri:`. */
const typed = /^[a-z]+:/;

/** The labels of a domain from the right, so that all in it stand together: `com.example.app.` */
export const labelsReversed = (name: string): string => `${name.split(".").reverse().join(".")}.`;

type Named = Pick<SignedCertificate, "issuer" | "serial" | "subject" | "sans">;

/** Lower case; the common name and every SAN, each once. */
function namesOf({ subject, sans }: Named): readonly string[] {
  const commonName = /(?:^|,\s?)CN=((?:[^,\\]|\\.)+)/.exec(subject)?.[1];
  const names = [...(commonName === undefined ? [] : [commonName]), ...sans.map((san) => san.replace(typed, ""))];
  return [...new Set(names.map((name) => name.toLowerCase().slice(0, maxNameLength)))];
}

const isDomain = (name: string): boolean => /^[a-z0-9*_-]+(\.[a-z0-9_-]+)+$/.test(name) && /[a-z]/.test(name);

export function entriesOf(certificate: Named): readonly IndexEntry[] {
  const id = certificateId(certificate.issuer, certificate.serial);
  return namesOf(certificate).flatMap((name) => [
    { sort: `begins#${name}#${id}`, id },
    ...(isDomain(name) ? [{ sort: `in#${labelsReversed(name)}#${id}`, id }] : []),
  ]);
}

/** What an event of the log puts into the index. */
export function certificateEntries({ event }: LoggedEvent): readonly IndexEntry[] {
  switch (event.type) {
    case "certificate.issued":
    case "certificate.reconciled":
    case "issuer.created":
      return entriesOf(event.data);
    default:
      return [];
  }
}
