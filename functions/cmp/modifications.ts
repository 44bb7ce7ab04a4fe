/** In what a certificate differs from what was asked for: then it is granted with modifications (RFC 9810 5.2.3). */
import { sameBytes } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import type { Extensions } from "#shared/pki/extension-values";
import { type Name, nameText } from "#shared/pki/name";
import { oidName, oids } from "#shared/pki/oids";

export interface Asked {
  readonly subject: Name;
  readonly extensions: Extensions;
  readonly notAfterMs?: number | undefined;
}

const second = (ms: number): number => Math.floor(ms / 1000);

/** @param der the certificate @returns what differs, by name; the names themselves are never changed */
export function modifiedBy(der: Uint8Array, { subject, extensions, notAfterMs }: Asked): string[] {
  const issued = parseCertificate(der);
  const differs = (dotted: string): boolean => {
    const found = issued.extensions.get(dotted);
    return found === undefined || !sameBytes(found.value, extensions.get(dotted)?.value ?? new Uint8Array());
  };
  return [
    ...(nameText(issued.subject) === nameText(subject) ? [] : ["subject"]),
    ...(notAfterMs === undefined || second(notAfterMs) === second(issued.notAfterMs) ? [] : ["validity"]),
    ...[...extensions.keys()].filter((dotted) => dotted !== oids.subjectAltName && differs(dotted)).map(oidName),
  ];
}
