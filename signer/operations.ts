/**
 * One operation, one signature (DESIGN §2a): which operations are in work, and where the journal may have those that are
 * done. What stands at such a place is for the journal to say: two operations may share a fingerprint.
 */
import type { Signed } from "#shared/ports/signer";
import { fingerprint, type FingerprintDump, FingerprintTable } from "#shared/crypto/fingerprints";

export interface OperationId {
  readonly tenant: string;
  readonly opId: string;
}

export interface InWork {
  readonly requestHash: string;
  readonly result: Promise<Signed>;
}

/** @param done of an earlier process */
export function createOperations(done = new FingerprintTable()) {
  const inWork = new Map<string, InWork>();
  return {
    dump: (): FingerprintDump => done.dump(),
    inWork: (id: OperationId): InWork | undefined => inWork.get(nameOf(id)),
    /** Offsets of the records that may be its own, in bytes. */
    places: (id: OperationId): readonly number[] => [...done.valuesOf(fingerprint(nameOf(id)))],
    began: (id: OperationId, work: InWork): void => void inWork.set(nameOf(id), work),
    failed: (id: OperationId): void => void inWork.delete(nameOf(id)),
    /** @param offset of its record in the journal, bytes */
    ended(id: OperationId, offset: number): void {
      inWork.delete(nameOf(id));
      done.add(fingerprint(nameOf(id)), offset);
    },
  };
}

const nameOf = ({ tenant, opId }: OperationId): string => `${tenant}/${opId}`;
