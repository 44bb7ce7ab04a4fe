import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { type Aggregate, present, unconcerned } from "../aggregate.ts";

export interface Tenant {
  readonly name: string;
  /** Of its root and its first issuing CA; absent: P-256. */
  readonly ca_key_algorithm?: SignerKeyAlgorithm;
  readonly created_at: string;
}

export type TenantEvent =
  | { readonly type: "tenant.registered"; readonly data: Omit<Tenant, "created_at"> }
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
        return { ...event.data, created_at: happened.time };
      case "tenant.signature-reconciled":
        return present(state, "tenant", event);
      default:
        return unconcerned("tenant", event);
    }
  },
};
