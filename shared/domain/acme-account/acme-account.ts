import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** An ACME account (RFC 8555 7.1.2), for one enrolment endpoint. Its id is not its key: keys change (7.3.5). */
export interface AcmeAccount {
  /** Label of the endpoint. */
  readonly endpoint: string;
  /** The members that make its public key (RFC 7638 3.2). */
  readonly jwk: Readonly<Record<string, string>>;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  readonly contact: readonly string[];
  readonly status: "valid" | "deactivated";
  /** The terms of service that it agreed to, as their URL was then. */
  readonly terms: string | null;
  /** The enrolment credential that it was bound with (7.3.4) and the names that it is for; no names: any. */
  readonly external_account: { readonly credential: string; readonly names: readonly string[] } | null;
  readonly created_at: string;
}

/** Which account has a key: id = `<endpoint>.<thumbprint>`. Null once the account has changed to another. */
export interface AcmeAccountKey {
  readonly account: string | null;
}

export type AcmeAccountEvent =
  | {
      readonly type: "acme-account.created";
      readonly data: Omit<AcmeAccount, "status" | "created_at"> & {
        /** The use of an enrolment credential that it counts. */
        readonly credential?: { readonly id: string; readonly use: string };
      };
    }
  | { readonly type: "acme-account.updated"; readonly data: { readonly contact: readonly string[] } }
  | { readonly type: "acme-account.terms-agreed"; readonly data: { readonly terms: string } }
  | {
      readonly type: "acme-account.key-changed";
      readonly data: Pick<AcmeAccount, "endpoint" | "jwk" | "thumbprint"> & {
        /** Thumbprint of the key that it had until then. */
        readonly before: string;
      };
    }
  | { readonly type: "acme-account.deactivated"; readonly data: Record<string, never> };

export const acmeAccountKeyId = (endpoint: string, thumbprint: string): string => `${endpoint}.${thumbprint}`;

export const acmeAccountAggregate: Aggregate<AcmeAccount> = {
  evolve(state, event, { time }) {
    switch (event.type) {
      case "acme-account.created": {
        const { credential: _, ...account } = event.data;
        return { ...account, status: "valid", created_at: time };
      }
      case "acme-account.updated":
        return { ...present(state, "acme-account", event), contact: event.data.contact };
      case "acme-account.terms-agreed":
        return { ...present(state, "acme-account", event), terms: event.data.terms };
      case "acme-account.key-changed": {
        const { jwk, thumbprint } = event.data;
        return { ...present(state, "acme-account", event), jwk, thumbprint };
      }
      case "acme-account.deactivated":
        return { ...present(state, "acme-account", event), status: "deactivated" };
      default:
        return unconcerned("acme-account", event);
    }
  },
};

export const acmeAccountKeyAggregate: Aggregate<AcmeAccountKey> = {
  evolve(_state, event, { stream }, id) {
    switch (event.type) {
      case "acme-account.created":
        return { account: stream.id };
      case "acme-account.key-changed":
        return { account: id === acmeAccountKeyId(event.data.endpoint, event.data.before) ? null : stream.id };
      default:
        return unconcerned("acme-account-key", event);
    }
  },
};
