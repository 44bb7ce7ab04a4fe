import { atLeast, type Figure } from "../figure.ts";
import { measureOcsp } from "../ocsp.ts";

/** GET without a nonce, about 1,000 certificates in turn: signed once, then answered from the cache. */
export const ocspCached: Figure = {
  name: "ocsp_cached",
  title: "OCSP answers a second, from the cache",
  measure: (session) =>
    measureOcsp(session, {
      name: "ocsp_cached",
      kind: "ocsp-get",
      goal: atLeast(12_000),
      count: 20_000,
      warmUp: 10_000,
    }),
};
