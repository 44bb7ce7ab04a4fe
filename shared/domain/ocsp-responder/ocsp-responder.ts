import { type Aggregate, unconcerned } from "../aggregate.ts";

/** The delegated responder of an issuer (RFC 6960 4.2.2.2); id = the issuer's. */
export interface OcspResponder {
  readonly issuer: string;
  readonly handle: string;
  readonly generation: number;
  readonly serial: string;
  /** DER, base64. */
  readonly certificate: string;
  readonly signature_algorithm: string;
  readonly not_before: string;
  readonly not_after: string;
}

export type OcspResponderEvent = {
  readonly type: "ocsp-responder.rotated";
  readonly data: OcspResponder & { readonly tbs_sha256: string };
};

export const ocspResponderAggregate: Aggregate<OcspResponder> = {
  evolve(_state, event) {
    if (event.type !== "ocsp-responder.rotated") return unconcerned("ocsp-responder", event);
    const { tbs_sha256: _, ...responder } = event.data;
    return responder;
  },
};
