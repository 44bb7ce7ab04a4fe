import { hex } from "#shared/kernel/bytes";
import { readDer, tags } from "../../der/reader.ts";
import { oid } from "../../der/writer.ts";
import { attributeOids } from "../../oids.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const directoryString: readonly number[] = [tags.utf8String, tags.printableString];
const contentOf = (dotted: string): string => hex(readDer(oid(dotted)).content);
const allowedIn: ReadonlyMap<string, readonly number[]> = new Map([
  [contentOf(attributeOids.C), [tags.printableString]],
  [contentOf(attributeOids.serialNumber), [tags.printableString]],
  [contentOf(attributeOids.DC), [tags.ia5String]],
  [contentOf(attributeOids.emailAddress), [tags.ia5String]],
]);

/** DirectoryString is PrintableString or UTF8String; country and serialNumber are printable, domain parts and e-mail IA5. */
export const nameEncoding: CertificateRule = {
  id: "name-encoding",
  severity: "error",
  source: "RFC 5280 4.1.2.4, 4.1.2.6, A.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const [what, der] of [
      ["issuer", tbs.issuerDer],
      ["subject", tbs.subjectDer],
    ] as const)
      for (const rdn of readDer(der).children())
        for (const attribute of rdn.children()) {
          const [type, value] = attribute.children();
          const allowed = type && (allowedIn.get(hex(type.content)) ?? directoryString);
          if (value !== undefined && allowed?.includes(value.tag) === false)
            report(`${what}: an attribute is encoded with tag 0x${value.tag.toString(16)}`);
        }
  },
};
