import { type Aggregate, unconcerned } from "../aggregate.ts";

/** One certificate of an issuer's registration authority, and the key that it is about. */
export interface RaKey {
  readonly handle: string;
  readonly generation: number;
  /** Lower-case hex. */
  readonly serial: string;
  /** DER, base64. */
  readonly certificate: string;
  readonly not_before: string;
  readonly not_after: string;
}

/**
 * Who answers enrolments in the name of an issuer (RFC 8894 2.1.2, RFC 9810 3.1.1.4); id = the issuer's. Requests may still
 * be encrypted to an earlier key: it is kept until its certificate ends.
 */
export interface RaCertificate extends RaKey {
  readonly issuer: string;
  readonly signature_algorithm: string;
  /** Newest first. */
  readonly previous: readonly RaKey[];
}

export type RaCertificateEvent = {
  readonly type: "ra-certificate.rotated";
  readonly data: Omit<RaCertificate, "previous"> & { readonly tbs_sha256: string };
};

export const raCertificateAggregate: Aggregate<RaCertificate> = {
  evolve(state, event, { time }) {
    if (event.type !== "ra-certificate.rotated") return unconcerned("ra-certificate", event);
    const { tbs_sha256: _, ...rotated } = event.data;
    const before = state === undefined ? [] : [raKeyOf(state), ...state.previous];
    return { ...rotated, previous: before.filter(({ not_after }) => Date.parse(not_after) > Date.parse(time)) };
  },
};

const raKeyOf = ({ handle, generation, serial, certificate, not_before, not_after }: RaCertificate): RaKey => ({
  handle,
  generation,
  serial,
  certificate,
  not_before,
  not_after,
});
