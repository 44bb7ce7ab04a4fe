import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** What opens an endpoint once or more often. The secret is derived from its id and stands nowhere. */
export interface EnrolmentCredential {
  readonly endpoint: string;
  /** The only names that may be asked for, as `dns:…`, `ip:…`; empty: any. */
  readonly names: readonly string[];
  /** Null: no limit, and nothing is counted. */
  readonly max_uses: number | null;
  /** The operations that it was used for; the same one again is no second use. */
  readonly uses: readonly string[];
  readonly expires_at: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
  readonly created_at: string;
  readonly created_by: string;
}

/** Stands in the data of whatever event counts a use, whichever protocol it is of. */
export interface CredentialUse {
  readonly id: string;
  /** Names the operation. */
  readonly use: string;
}

type Created = Pick<EnrolmentCredential, "endpoint" | "names" | "max_uses" | "expires_at">;

export type EnrolmentCredentialEvent =
  | { readonly type: "enrolment-credential.created"; readonly data: Created }
  | { readonly type: "enrolment-credential.revoked"; readonly data: { readonly endpoint: string } }
  /** Some time after it expired. */
  | { readonly type: "enrolment-credential.removed"; readonly data: { readonly endpoint: string } };

export const enrolmentCredentialAggregate: Aggregate<EnrolmentCredential> = {
  evolve(state, event, { time, actor }, id) {
    switch (event.type) {
      case "enrolment-credential.created":
        return { ...event.data, uses: [], revoked_at: null, revoked_by: null, created_at: time, created_by: actor };
      case "enrolment-credential.revoked":
        return { ...present(state, "enrolment-credential", event), revoked_at: time, revoked_by: actor };
      case "enrolment-credential.removed":
        return undefined;
      default: {
        const used = "credential" in event.data ? event.data.credential : undefined;
        if (used?.id !== id) return unconcerned("enrolment-credential", event);
        const credential = present(state, "enrolment-credential", event);
        return { ...credential, uses: [...credential.uses, used.use] };
      }
    }
  },
  view: (state) => ({ name: "enrolment-credentials", sort: state.expires_at }),
};
