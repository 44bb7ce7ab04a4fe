import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** The product's own tenant: the CA of a host's TLS certificate. No token is ever made for it. */
export const systemTenant = "system";

export interface Tenant {
  readonly name: string;
  /** Of its root and its first issuing CA; absent: P-256. */
  readonly ca_key_algorithm?: SignerKeyAlgorithm;
  /** What was to hold the keys of both; absent: the signer's choice. */
  readonly ca_key_backend?: KeyBackend;
  readonly created_at: string;
  /** When its log was last restored from a backup: there may have been CRLs after the backup, all numbered below that moment. */
  readonly restored_at?: string;
  /** How far retention has removed events. */
  readonly pruned?: Pruned;
}

export interface Pruned {
  /** Of the checkpoint up to which events were removed. */
  readonly size: number;
  /** Number of that checkpoint. */
  readonly checkpoint: number;
  readonly heads: readonly { readonly lane: number; readonly sequence: number }[];
  /** Where the one who did it keeps them; for people. */
  readonly archive: string;
  /** Over every archived event, as it lies in the archive. */
  readonly digest: string;
}

/** Moments are RFC 3339. */
export interface Restore {
  readonly backup: string;
  /** The log goes on from what it was then. */
  readonly taken_at: string;
  readonly restored_at: string;
}

export type TenantEvent =
  | { readonly type: "tenant.registered"; readonly data: Omit<Tenant, "created_at" | "restored_at" | "pruned"> }
  | { readonly type: "tenant.restored"; readonly data: Restore }
  | { readonly type: "tenant.log-pruned"; readonly data: Pruned }
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
      case "tenant.restored":
        return { ...present(state, "tenant", event), restored_at: event.data.restored_at };
      case "tenant.log-pruned":
        return { ...present(state, "tenant", event), pruned: event.data };
      case "tenant.signature-reconciled":
        return present(state, "tenant", event);
      default:
        return unconcerned("tenant", event);
    }
  },
};
