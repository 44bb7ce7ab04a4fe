import { sameBytes } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { parseCertificate } from "../../certificate.ts";
import { parseCertificateList } from "../../crl.ts";
import { parseOcspResponse } from "../../ocsp.ts";
import { type AnyKind, everyKind, rfc5280Date, type WholeObject, type WholeRule } from "../rule.ts";

const isCertificate = (kind: AnyKind): boolean => kind !== "crl" && kind !== "delta-crl" && kind !== "ocsp";

/** @returns the part that is signed */
function readBack({ der }: WholeObject, kind: AnyKind): Uint8Array | undefined {
  if (isCertificate(kind)) return parseCertificate(der).tbs;
  return kind === "ocsp" ? parseOcspResponse(der).basic?.tbs : parseCertificateList(der).tbs;
}

/** Strict DER from end to end, both algorithm identifiers the same, and within it what was to be signed. */
export const readsBack: WholeRule = {
  id: "reads-back",
  severity: "error",
  source: "RFC 5280 4.1.1.2, 5.1.1.2, X.690 10",
  set: "pkix",
  appliesTo: everyKind,
  effective: rfc5280Date,
  check(object, report, kind) {
    try {
      const tbs = readBack(object, kind);
      if (tbs === undefined || !sameBytes(tbs, object.tbs)) report("what is read back is not what was to be signed");
    } catch (error) {
      if (!isFailure(error, "malformed")) throw error;
      report(error.message);
    }
  },
};
