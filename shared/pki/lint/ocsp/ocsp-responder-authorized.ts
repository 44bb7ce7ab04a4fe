import { sameBytes } from "#shared/kernel/bytes";
import { hasPurpose } from "../facts.ts";
import type { OcspRule } from "../rule.ts";

/** Signed by the CA itself, or by a responder that this CA made for it. */
export const ocspResponderAuthorized: OcspRule = {
  id: "ocsp-responder-authorized",
  severity: "error",
  source: "RFC 6960 4.2.2.2",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check(_data, report, { responder, issuer }) {
    if (responder === undefined || issuer === undefined || sameBytes(responder.spki, issuer.spki)) return;
    if (!hasPurpose(responder, "OCSPSigning")) report("the responder's certificate is not for OCSPSigning");
    if (!sameBytes(responder.issuerDer, issuer.subjectDer)) report("the responder was not certified by this CA");
    else if (issuer.ski !== undefined && responder.aki !== undefined && !sameBytes(issuer.ski, responder.aki))
      report("the responder was certified by another key of this CA");
  },
};
