/**
 * What a process has learnt of a tenant, kept in the signer's bucket so that the next one need not read the whole journal. It
 * carries a MAC, says nothing that the journal does not, and is believed only while the journal has the record at its mark.
 */
import type { SignerBucket } from "#shared/ports/bucket";
import { packMemory, type Remembered, unpackMemory } from "../remembered.ts";
import type { ChainMark } from "./chain.ts";

export interface Snapshot extends Omit<Remembered, "journal"> {
  readonly tenant: string;
  readonly mark: ChainMark;
}

export interface Snapshots {
  /** Undefined when there is none that is ours: then everything is read. @throws Failure `unavailable` */
  load(tenant: string): Promise<Snapshot | undefined>;
  /** The last one wins, which may be an older one: it is then behind, and nothing else. */
  save(snapshot: Snapshot): Promise<void>;
}

/** @param key of the MAC, the same in all processes @param warn hears of objects that are not ours */
export function createSnapshots(bucket: SignerBucket, key: Uint8Array, warn: (line: string) => void): Snapshots {
  const nameOf = (tenant: string): string => `remembered/${tenant}`;
  return {
    async load(tenant) {
      const bytes = await bucket.get(nameOf(tenant));
      if (bytes === undefined) return undefined;
      const kept = unpackMemory(key, bytes);
      if (kept === undefined) return undefined;
      const snapshot = kept as Snapshot;
      if (kept !== "foreign" && snapshot.tenant === tenant) return snapshot;
      warn(
        `the signer's bucket has ${nameOf(tenant)} that this signer did not write; find out who did. The journal is read instead, and the object replaced`,
      );
      return undefined;
    },
    save: async (snapshot) => bucket.put(nameOf(snapshot.tenant), packMemory(key, snapshot)),
  };
}
