import type { AcmeIdentifier, NewAcmeAuthorization } from "../acme-authorization/acme-authorization.ts";
import { type Aggregate, present, unconcerned } from "../aggregate.ts";
import { certificateId } from "../certificate/certificate.ts";

/**
 * An order (RFC 8555 7.1.3); id = `<account>/<id>`, so that no account can name another's. Whether it is pending, ready or
 * invalid follows from its authorizations (`acmeOrderStatus`): no event says it twice.
 */
export interface AcmeOrder {
  readonly endpoint: string;
  /** Canonical, in the order of the request; wildcards with their `*.`. */
  readonly identifiers: readonly AcmeIdentifier[];
  /** Their ids within the account. */
  readonly authorizations: readonly string[];
  readonly expires: string;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly profile: string | null;
  /** Id of the certificate that it is to replace (RFC 9773 5). */
  readonly replaces: string | null;
  /** The enrolment request that a person decides about; null where nobody has to. */
  readonly request: string | null;
  readonly certificate: string | null;
  readonly created_at: string;
}

export type AcmeOrderEvent =
  | {
      readonly type: "acme-order.created";
      readonly data: Omit<AcmeOrder, "request" | "certificate" | "created_at"> & {
        /** Authorizations that come into being with it; the others are reused. */
        readonly opened: readonly NewAcmeAuthorization[];
        /** The endpoint asks for no proof: what it opened is valid. */
        readonly trusted: boolean;
      };
    }
  | { readonly type: "acme-order.submitted"; readonly data: { readonly request: string } };

export const acmeOrderAggregate: Aggregate<AcmeOrder> = {
  partitioned: true,
  evolve(state, event, { time }) {
    switch (event.type) {
      case "acme-order.created": {
        const { opened: _, trusted: __, ...order } = event.data;
        return { ...order, request: null, certificate: null, created_at: time };
      }
      case "acme-order.submitted":
        return { ...present(state, "acme-order", event), request: event.data.request };
      case "certificate.issued": {
        const { issuer, serial } = event.data;
        return { ...present(state, "acme-order", event), certificate: certificateId(issuer, serial) };
      }
      default:
        return unconcerned("acme-order", event);
    }
  },
};
