import { type Aggregate, present, unconcerned } from "../aggregate.ts";

export interface Owner {
  readonly kind: "user" | "team" | "workload" | "service";
  readonly name: string;
  readonly email: string | null;
  /** Live identities, certificates and enrolment endpoints that name it; it cannot be deleted while there are any. */
  readonly references: number;
  readonly created_at: string;
  readonly updated_at: string;
}

type Fields = Pick<Owner, "kind" | "name" | "email">;

export type OwnerEvent =
  | { readonly type: "owner.created"; readonly data: Fields }
  | { readonly type: "owner.updated"; readonly data: Fields }
  | { readonly type: "owner.deleted"; readonly data: Record<string, never> };

export const ownerAggregate: Aggregate<Owner> = {
  evolve(state, event, { time }, id) {
    switch (event.type) {
      case "owner.created":
        return { ...event.data, references: 0, created_at: time, updated_at: time };
      case "owner.updated":
        return { ...present(state, "owner", event), ...event.data, updated_at: time };
      case "owner.deleted":
        return undefined;
      case "identity.created":
      case "certificate.issued":
      case "enrolment-endpoint.created":
        return referenced(present(state, "owner", event), 1);
      case "identity.cancelled":
      case "identity.retired":
      case "enrolment-endpoint.disabled":
        return referenced(present(state, "owner", event), -1);
      case "enrolment-endpoint.updated": {
        const { owner, previous_owner } = event.data;
        return referenced(present(state, "owner", event), Number(owner === id) - Number(previous_owner === id));
      }
      default:
        return unconcerned("owner", event);
    }
  },
};

const referenced = (owner: Owner, by: number): Owner => ({ ...owner, references: owner.references + by });
