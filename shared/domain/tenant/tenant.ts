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
  /** The epoch of its last failover. */
  readonly failover?: { readonly epoch: number };
}

/** Where a lane ended when its log was taken over. */
export interface LaneEnd {
  readonly lane: number;
  /** Of the last event that holds: everything up to it is there, chained, and builds on what is there. */
  readonly sequence: number;
  /** Chain hash of that event; empty for none. */
  readonly hash: string;
  /** The highest sequence that this copy had heard of: what lies between is lost, and there may have been more. */
  readonly seen: number;
}

export interface RegionFailover {
  /** Whoever writes in an older one is fenced. */
  readonly epoch: number;
  /** Regions; null on one machine. */
  readonly from: string | null;
  readonly to: string | null;
  readonly sealed_at: string;
  readonly lanes: readonly LaneEnd[];
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
  | {
      readonly type: "tenant.registered";
      readonly data: Omit<Tenant, "created_at" | "restored_at" | "pruned" | "failover">;
    }
  | { readonly type: "tenant.restored"; readonly data: Restore }
  | { readonly type: "region.failover"; readonly data: RegionFailover }
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
      case "region.failover": // numbers go on above it, as after a restore
        return {
          ...present(state, "tenant", event),
          restored_at: event.data.sealed_at,
          failover: { epoch: event.data.epoch },
        };
      case "tenant.log-pruned":
        return { ...present(state, "tenant", event), pruned: event.data };
      case "tenant.signature-reconciled":
        return present(state, "tenant", event);
      default:
        return unconcerned("tenant", event);
    }
  },
};
