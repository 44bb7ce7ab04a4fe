/**
 * What a signature teaches the signer about its keys. The guard lets it happen once; a record of the journal says that it
 * has happened, and is learnt without being judged again, in whatever order the records stand: what was signed at once is
 * recorded as it was finished, and a guard that is stricter today changes nothing about yesterday.
 */
import { utf8Text } from "#shared/kernel/bytes";
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { DerFields } from "#shared/pki/der/fields";
import { readBitString, readDer, readTime } from "#shared/pki/der/reader";
import { readSerial } from "#shared/pki/serial";
import type { SignedType } from "#shared/ports/signer";
import { parseCheckpoint } from "#shared/tlog/checkpoint";
import type { Tree } from "#shared/tlog/proofs";
import { learnKeyCrl, readCrl } from "./crl.ts";
import { type GuardInput, nothingToUnlearn, type Unlearn } from "./decision.ts";
import { caNameKey, type KeyLookup, type KeyState } from "./key-state.ts";

/** @param key the one that the certificate is about */
export function learnCa(key: KeyState, keys: KeyLookup, tbs: TbsCertificate): Unlearn {
  const name = caNameKey(key.spec.tenant, tbs.subject);
  const before = key.ca;
  const learnt = { subjectDer: tbs.subjectDer, notAfterMs: Math.max(tbs.notAfterMs, before?.notAfterMs ?? 0) };
  key.ca = learnt;
  keys.caNames.set(name, key);
  return () => {
    if (key.ca !== learnt) return; // another certificate for it was signed meanwhile
    key.ca = before;
    if (before === undefined) keys.caNames.delete(name);
  };
}

/** @param key the one that the certificate is about */
export function learnRa(
  key: KeyState,
  { subjectDer, notAfterMs }: Pick<TbsCertificate, "subjectDer" | "notAfterMs">,
): Unlearn {
  const before = key.ra;
  const learnt = { subjectDer, notAfterMs };
  key.ra = learnt;
  return () => {
    if (key.ra === learnt) key.ra = before;
  };
}

/** The largest tree counts: it holds all the others. */
export function learnCheckpoint(key: KeyState, { size, root }: Tree): Unlearn {
  const before = key.checkpoint;
  if (size <= (before?.size ?? 0)) return nothingToUnlearn;
  const learnt = { size, root };
  key.checkpoint = learnt;
  return () => {
    if (key.checkpoint === learnt) key.checkpoint = before;
  };
}

/** @param time of a restore, milliseconds */
export function raiseCrlFloor(key: KeyState, time: number): void {
  if (BigInt(time) > key.crlFloor) key.crlFloor = BigInt(time);
}

/** @param tbs of something that was signed */
export function learnFromRecord(type: SignedType, { key, keys, tbs }: Omit<GuardInput, "now">): void {
  if (type === "crl") learnKeyCrl(key, readCrl(key, tbs));
  if (type === "checkpoint") learnCheckpoint(key, parseCheckpoint(utf8Text(tbs)));
  if (type !== "certificate") return;
  const { serial, notAfterMs, keyBits } = issuedFacts(tbs);
  key.issued.set(serial, Math.floor(notAfterMs / 1000));
  const subject = keys.byKeyBits(keyBits);
  if (subject === undefined || subject.spec.purpose === "ocsp") return;
  const parsed = parseTbsCertificate(tbs);
  if (subject.spec.purpose === "ra") learnRa(subject, parsed);
  else learnCa(subject, keys, parsed);
}

interface IssuedFacts {
  readonly serial: string;
  readonly notAfterMs: number;
  readonly keyBits: Uint8Array;
}

/** Of the key that a TBSCertificate is about: content of the BIT STRING. @throws Failure `malformed` */
export const certifiedKeyBits = (tbs: Uint8Array): Uint8Array => issuedFacts(tbs).keyBits;

/** Of a TBSCertificate, without reading the rest: there may be millions. */
function issuedFacts(tbs: Uint8Array): IssuedFacts {
  const fields = new DerFields(readDer(tbs), "TBSCertificate");
  fields.explicit(0xa0, "version");
  const serial = readSerial(fields.next("serialNumber"));
  fields.next("signature");
  fields.next("issuer");
  const validity = new DerFields(fields.next("validity"), "Validity");
  validity.next("notBefore");
  fields.next("subject");
  const spki = new DerFields(fields.next("subjectPublicKeyInfo"), "SubjectPublicKeyInfo");
  spki.next("algorithm");
  return {
    serial,
    notAfterMs: readTime(validity.next("notAfter"), "notAfter"),
    keyBits: readBitString(spki.next("subjectPublicKey"), "subjectPublicKey"),
  };
}
