import { type Aggregate, present, unconcerned } from "../aggregate.ts";

export interface Token {
  readonly subject: string;
  readonly scopes: readonly string[];
  /** SHA-256 of the secret part, hex. The secret itself is nowhere. */
  readonly secret_sha256: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
  /** That of the member when it was made; absent: none. */
  readonly generation?: number;
  /** The program that a person signed in with it, as it called itself; absent: it was minted for itself. */
  readonly client?: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
  readonly revocation_reason: string | null;
}

export type TokenEvent =
  | {
      readonly type: "token.created";
      readonly data: {
        readonly subject: string;
        readonly scopes: readonly string[];
        readonly secret_sha256: string;
        readonly expires_at: string | null;
        readonly generation?: number;
        readonly client?: string;
      };
    }
  | { readonly type: "token.revoked"; readonly data: { readonly reason: string | null } };

export const tokenAggregate: Aggregate<Token> = {
  evolve(state, event, { time, actor }) {
    switch (event.type) {
      case "token.created":
        return {
          ...event.data,
          created_at: time,
          created_by: actor,
          revoked_at: null,
          revoked_by: null,
          revocation_reason: null,
        };
      case "token.revoked":
        return {
          ...present(state, "token", event),
          revoked_at: time,
          revoked_by: actor,
          revocation_reason: event.data.reason,
        };
      default:
        return unconcerned("token", event);
    }
  },
};
