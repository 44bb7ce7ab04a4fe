import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** How a client may show that it is one: `open` only where every name is validated. */
export const enrolmentAuths = ["open", "secret", "token", "certificate"] as const;
export type EnrolmentAuth = (typeof enrolmentAuths)[number];

export interface EndpointSettings {
  readonly protocols: readonly string[];
  /** Null: the profile's. */
  readonly issuer: string | null;
  readonly profile: string;
  /** Of the certificates that it issues. */
  readonly owner: string | null;
  readonly auth: readonly EnrolmentAuth[];
  readonly approval: "automatic" | "manual";
  /** Whether the client must prove control of each name, where the protocol can ask for that. */
  readonly validate_names: boolean;
  readonly server_keys: boolean;
  readonly legacy_algorithms: boolean;
  /** Opts in to reach, for validation, the private networks that the operator lists (I11). */
  readonly private_networks: boolean;
  /** URL of what clients must agree to, where the protocol can ask for that. */
  readonly terms_of_service?: string;
  /** It also answers on the paths without a label; on a host one for each protocol. */
  readonly default: boolean;
}

/** Where a tenant's clients enrol (DESIGN §5). Its id is the label in public URLs: never given to anything else. */
export interface EnrolmentEndpoint extends EndpointSettings {
  readonly status: "active" | "disabled";
  readonly open_credentials: number;
  readonly pending_requests: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export function settingsOf(endpoint: EnrolmentEndpoint): EndpointSettings {
  const {
    status: _,
    open_credentials: __,
    pending_requests: ___,
    created_at: ____,
    updated_at: _____,
    ...settings
  } = endpoint;
  return settings;
}

export type EnrolmentEndpointEvent =
  | { readonly type: "enrolment-endpoint.created"; readonly data: EndpointSettings }
  | {
      readonly type: "enrolment-endpoint.updated";
      readonly data: EndpointSettings & { readonly previous_owner: string | null };
    }
  | { readonly type: "enrolment-endpoint.disabled"; readonly data: { readonly owner: string | null } };

export const enrolmentEndpointAggregate: Aggregate<EnrolmentEndpoint> = {
  evolve(state, event, { time }) {
    const now = (): EnrolmentEndpoint => present(state, "enrolment-endpoint", event);
    switch (event.type) {
      case "enrolment-endpoint.created":
        return {
          ...event.data,
          status: "active",
          open_credentials: 0,
          pending_requests: 0,
          created_at: time,
          updated_at: time,
        };
      case "enrolment-endpoint.updated": {
        const { previous_owner: _, ...settings } = event.data;
        const { terms_of_service: __, ...before } = now(); // absent in the settings: none any more
        return { ...before, ...settings, updated_at: time };
      }
      case "enrolment-endpoint.disabled":
        return { ...now(), status: "disabled", default: false, updated_at: time };
      case "enrolment-credential.created":
        return { ...now(), open_credentials: now().open_credentials + 1 };
      case "enrolment-credential.revoked":
      case "enrolment-credential.removed":
        return { ...now(), open_credentials: now().open_credentials - 1 };
      case "enrolment-request.created":
        return { ...now(), pending_requests: now().pending_requests + 1 };
      case "certificate.issued":
      case "enrolment-request.refused":
        return { ...now(), pending_requests: now().pending_requests - 1 };
      default:
        return unconcerned("enrolment-endpoint", event);
    }
  },
};
