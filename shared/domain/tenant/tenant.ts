import { type Aggregate, present, unconcerned } from "../aggregate.ts";

export interface Tenant {
  readonly name: string;
  readonly created_at: string;
}

export type TenantEvent =
  | { readonly type: "tenant.registered"; readonly data: { readonly name: string } }
  /** Signed, but its commit never came and it is no leaf to be revoked: recorded so that no signature is unaccounted for. */
  | {
      readonly type: "tenant.signature-reconciled";
      readonly data: {
        readonly signed: string;
        readonly handle: string;
        readonly tbs_sha256: string;
        readonly op_id: string;
      };
    };

export const tenantAggregate: Aggregate<Tenant> = {
  evolve(state, event, happened) {
    switch (event.type) {
      case "tenant.registered":
        return { name: event.data.name, created_at: happened.time };
      case "tenant.signature-reconciled":
        return present(state, "tenant", event);
      default:
        return unconcerned("tenant", event);
    }
  },
};
