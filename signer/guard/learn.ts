/**
 * What a signature teaches the signer about a key. The guard lets it happen once; a record of the journal says that it
 * has happened, and is learnt without being judged again: what was signed at once may stand there in any order.
 */
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { parseTbsCertList } from "#shared/pki/crl";
import type { SignedType } from "#shared/ports/signer";
import type { GuardInput } from "./decision.ts";
import type { KeyState } from "./key-state.ts";

/** @param key the one that the certificate is about */
export function learnCa(key: KeyState, tbs: TbsCertificate): void {
  key.ca = { subjectDer: tbs.subjectDer, notAfterMs: Math.max(tbs.notAfterMs, key.ca?.notAfterMs ?? 0) };
}

/** The highest number of each distribution point counts. */
export function learnCrl(key: KeyState, { idpUrl, number, entries }: ReturnType<typeof parseTbsCertList>): void {
  if (idpUrl === undefined || number <= (key.crls.get(idpUrl)?.number ?? -1n)) return;
  key.crls.set(idpUrl, { number, serials: new Set(entries.map(({ serialHex }) => serialHex)) });
}

export function learnFromRecord(type: SignedType, { key, keys, tbs }: Omit<GuardInput, "now">): void {
  if (type === "crl") learnCrl(key, parseTbsCertList(tbs));
  if (type !== "certificate" || key.spec.purpose !== "root-ca") return;
  const parsed = parseTbsCertificate(tbs);
  const subject = keys.bySpki(parsed.spki);
  if (subject !== undefined && subject.spec.purpose !== "ocsp") learnCa(subject, parsed);
}
