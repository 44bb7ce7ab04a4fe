/**
 * What a signature teaches the signer about its keys. The guard lets it happen once; a record of the journal says that it
 * has happened, and is learnt without being judged again, in whatever order the records stand: what was signed at once is
 * recorded as it was finished, and a guard that is stricter today changes nothing about yesterday.
 */
import { utf8Text } from "#shared/kernel/bytes";
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { parseTbsCertList } from "#shared/pki/crl";
import { DerFields } from "#shared/pki/der/fields";
import { readDer } from "#shared/pki/der/reader";
import { reasonCodes } from "#shared/pki/reason";
import { readSerial } from "#shared/pki/serial";
import type { SignedType } from "#shared/ports/signer";
import { parseCheckpoint } from "#shared/tlog/checkpoint";
import type { Tree } from "#shared/tlog/proofs";
import type { GuardInput } from "./decision.ts";
import { caNameKey, type KeyLookup, type KeyState } from "./key-state.ts";

type CertList = ReturnType<typeof parseTbsCertList>;

/** Second of revocation and reason of a CRL entry, in one number. */
export const entryFacts = ({ revokedAtMs, reason }: CertList["entries"][number]): number =>
  Math.floor(revokedAtMs / 1000) * 16 + reasonCodes[reason];

/** @param key the one that the certificate is about */
export function learnCa(key: KeyState, keys: KeyLookup, tbs: TbsCertificate): void {
  key.ca = { subjectDer: tbs.subjectDer, notAfterMs: Math.max(tbs.notAfterMs, key.ca?.notAfterMs ?? 0) };
  keys.caNames.set(caNameKey(key.spec.tenant, tbs.subject), key);
}

/** The highest number counts, and every entry that there ever was. */
export function learnCrl(key: KeyState, crl: CertList): void {
  if (crl.idpUrl === undefined) return;
  const known = key.crls.get(crl.idpUrl) ?? { number: crl.number, entries: new Map<string, number>() };
  key.crls.set(crl.idpUrl, known);
  if (crl.number > known.number) known.number = crl.number;
  for (const entry of crl.entries) known.entries.set(entry.serialHex, entryFacts(entry));
}

/** The largest tree counts: it holds all the others. */
export function learnCheckpoint(key: KeyState, { size, root }: Tree): void {
  if (size > (key.checkpoint?.size ?? 0)) key.checkpoint = { size, root };
}

/** @param time of a restore, milliseconds */
export function raiseCrlFloor(key: KeyState, time: number): void {
  if (BigInt(time) > key.crlFloor) key.crlFloor = BigInt(time);
}

/** @param tbs of something that was signed */
export function learnFromRecord(type: SignedType, { key, keys, tbs }: Omit<GuardInput, "now">): void {
  if (type === "crl") learnCrl(key, parseTbsCertList(tbs));
  if (type === "checkpoint") learnCheckpoint(key, parseCheckpoint(utf8Text(tbs)));
  if (type !== "certificate") return;
  key.issued.add(serialOf(tbs));
  if (key.spec.purpose !== "root-ca") return;
  const parsed = parseTbsCertificate(tbs);
  const subject = keys.byKeyBits(parsed.key.keyBits);
  if (subject !== undefined && subject.spec.purpose !== "ocsp") learnCa(subject, keys, parsed);
}

/** Of a TBSCertificate, without reading the rest: there may be millions. */
function serialOf(tbs: Uint8Array): string {
  const fields = new DerFields(readDer(tbs), "TBSCertificate");
  fields.explicit(0xa0, "version");
  return readSerial(fields.next("serialNumber"));
}
