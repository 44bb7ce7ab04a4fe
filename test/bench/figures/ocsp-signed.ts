import { atLeast, type Figure } from "../figure.ts";
import { measureOcsp } from "../ocsp.ts";

/** POST with a nonce: every answer is signed for the one who asks (RFC 9654). */
export const ocspSigned: Figure = {
  name: "ocsp_signed",
  title: "OCSP answers a second, freshly signed",
  measure: (session) =>
    measureOcsp(session, {
      name: "ocsp_signed",
      kind: "ocsp-nonce",
      goal: atLeast(4000),
      count: 10_000,
      warmUp: 5_000,
    }),
};
