/**
 * Decides whether a key may sign these bytes (I5). Pure but for the key's state, which it only reads; the caller applies
 * the returned change once it goes on. Everything that is not allowed here is refused.
 */
import type { KeyPurpose, SignedType } from "#shared/ports/signer";
import { guardCaCertificate, guardLeafCertificate } from "./certificate.ts";
import { guardCheckpoint } from "./checkpoint.ts";
import { guardCrl } from "./crl.ts";
import { type GuardInput, type Learn, refuse } from "./decision.ts";
import { guardOcsp } from "./ocsp.ts";
import { guardCertRep, guardCmpResponse } from "./ra.ts";

type Guard = (input: GuardInput) => Learn;

/** What each purpose may sign. No entry: never. */
const guards: Readonly<Record<KeyPurpose, Partial<Record<SignedType, Guard>>>> = {
  "root-ca": { certificate: guardCaCertificate, crl: guardCrl },
  "issuing-ca": { certificate: guardLeafCertificate, crl: guardCrl },
  ocsp: { ocsp: guardOcsp },
  ra: { cms: guardCertRep, cmp: guardCmpResponse },
  checkpoint: { checkpoint: guardCheckpoint },
};

/** @throws Failure `guard_refused` with the reason, `malformed` for bytes that are not what `type` says */
export function guard(type: SignedType, input: GuardInput): Learn {
  const { purpose, handle } = input.key.spec;
  const check = Object.hasOwn(guards[purpose], type) ? guards[purpose][type] : undefined;
  if (check === undefined) return refuse(`key ${handle} is an ${purpose} key: it signs no ${type}`);
  return check(input);
}
