import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** IANA "ACME Validation Methods". */
export const acmeChallengeTypes = ["http-01", "dns-01", "tls-alpn-01"] as const;
export type AcmeChallengeType = (typeof acmeChallengeTypes)[number];

/** As it stands in orders and authorizations (RFC 8555 9.7.7, RFC 8738 3); the value is canonical. */
export interface AcmeIdentifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

/** Why a validation failed: an error type of RFC 8555 6.7 without its prefix, and a sentence. */
export interface AcmeProblem {
  readonly type: string;
  readonly detail: string;
}

export interface NewAcmeAuthorization {
  /** Within its account. */
  readonly id: string;
  /** Without the `*.` of a wildcard (RFC 8555 7.1.4). */
  readonly identifier: AcmeIdentifier;
  readonly wildcard: boolean;
  /** Challenges that may prove it, first the one to be preferred; none where the endpoint asks for no proof. */
  readonly challenges: readonly AcmeChallengeType[];
  /** Of all its challenges: only one of them is ever tried. At least 128 bits (RFC 8555 8.1). */
  readonly token: string;
  readonly expires: string;
}

/** An authorization (RFC 8555 7.1.4); id = `<account>/<id>`, so that no account can name another's. */
export interface AcmeAuthorization extends Omit<NewAcmeAuthorization, "id"> {
  readonly endpoint: string;
  readonly status: "pending" | "valid" | "invalid" | "deactivated";
  /** The challenge that was chosen; under way while the status is pending. */
  readonly tried: AcmeChallengeType | null;
  readonly tried_at: string | null;
  readonly validated_at: string | null;
  readonly error: AcmeProblem | null;
}

/** What an account has proven of a name: id = `<account>/<type>:<value>`, wildcards with their `*.`. */
export interface AcmeAuthorizedName {
  /** The newest valid authorization, for reuse; whether it still is stands in itself. */
  readonly authorization: string | null;
  /** When validations failed, newest last; empty again after a success. */
  readonly failures: readonly string[];
}

export type AcmeAuthorizationEvent =
  | {
      readonly type: "acme-authorization.created";
      readonly data: { readonly endpoint: string; readonly opened: NewAcmeAuthorization };
    }
  | { readonly type: "acme-authorization.attempted"; readonly data: { readonly challenge: AcmeChallengeType } }
  | {
      readonly type: "acme-authorization.validated";
      readonly data: { readonly challenge: AcmeChallengeType; readonly expires: string };
    }
  | {
      readonly type: "acme-authorization.failed";
      readonly data: { readonly challenge: AcmeChallengeType; readonly error: AcmeProblem };
    }
  | { readonly type: "acme-authorization.deactivated"; readonly data: Record<string, never> };

export const acmeObjectId = (account: string, id: string): string => `${account}/${id}`;

export const acmeAuthorizedNameId = (account: string, { type, value }: AcmeIdentifier, wildcard: boolean): string =>
  acmeObjectId(account, `${type}:${wildcard ? "*." : ""}${value}`);

/** Enough to see that someone keeps failing. */
const maxFailures = 10;

const opened = (endpoint: string, trusted: boolean, time: string, added: NewAcmeAuthorization): AcmeAuthorization => {
  const { id: _, ...rest } = added;
  return {
    ...rest,
    endpoint,
    status: trusted ? "valid" : "pending",
    tried: null,
    tried_at: null,
    validated_at: trusted ? time : null,
    error: null,
  };
};

const lastPart = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

export const acmeAuthorizationAggregate: Aggregate<AcmeAuthorization> = {
  partitioned: true,
  evolve(state, event, { time }, id) {
    switch (event.type) {
      case "acme-authorization.created":
        return opened(event.data.endpoint, false, time, event.data.opened);
      case "acme-order.created": {
        const added = event.data.opened.find((one) => one.id === lastPart(id));
        return added === undefined
          ? unconcerned("acme-authorization", event)
          : opened(event.data.endpoint, event.data.trusted, time, added);
      }
      case "acme-authorization.attempted":
        return {
          ...present(state, "acme-authorization", event),
          tried: event.data.challenge,
          tried_at: time,
        };
      case "acme-authorization.validated":
        return {
          ...present(state, "acme-authorization", event),
          status: "valid",
          expires: event.data.expires,
          validated_at: time,
        };
      case "acme-authorization.failed":
        return { ...present(state, "acme-authorization", event), status: "invalid", error: event.data.error };
      case "acme-authorization.deactivated":
        return { ...present(state, "acme-authorization", event), status: "deactivated" };
      default:
        return unconcerned("acme-authorization", event);
    }
  },
  /** What is being validated: whoever starts after a crash finds it here. */
  view: ({ status, tried_at }) =>
    status === "pending" && tried_at !== null ? { name: "acme-validating", sort: tried_at } : undefined,
};

export const acmeAuthorizedNameAggregate: Aggregate<AcmeAuthorizedName> = {
  partitioned: true,
  evolve(state, event, { time, stream }, id) {
    switch (event.type) {
      case "acme-order.created": {
        const name = lastPart(id);
        const added = event.data.opened.find(
          ({ identifier, wildcard }) => lastPart(acmeAuthorizedNameId("", identifier, wildcard)) === name,
        );
        return { authorization: added?.id ?? null, failures: [] };
      }
      case "acme-authorization.validated":
        return { authorization: lastPart(stream.id), failures: [] };
      case "acme-authorization.failed":
        return {
          authorization: state?.authorization ?? null,
          failures: [...(state?.failures ?? []), time].slice(-maxFailures),
        };
      default:
        return unconcerned("acme-authorized-name", event);
    }
  },
};
