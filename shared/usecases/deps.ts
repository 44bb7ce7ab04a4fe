/** What usecases work with; built once in the composition root, passed as the first argument. */
import type { Permission } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import type { Blob } from "#shared/ports/blob";
import type { Clock } from "#shared/ports/clock";
import type { Directory } from "#shared/ports/directory";
import type { EventLog } from "#shared/ports/event-log";
import type { Signer } from "#shared/ports/signer";

export interface Deps {
  readonly log: EventLog;
  readonly signer: Signer;
  readonly directory: Directory;
  readonly blob: Blob;
  readonly clock: Clock;
}

/** One request, whatever protocol it came by. */
export interface Call {
  readonly principal: Principal;
  /**
   * Names the operation within the tenant: the same name is the same operation, however often it is tried. From the
   * Idempotency-Key on the API, from the transaction of a protocol, from the entry id in the outbox.
   */
  readonly operation: string;
  /** Written with the commit; absent where the protocol has no replay of its own. */
  readonly idempotency?: {
    readonly key: string;
    readonly fingerprint: string;
    readonly status: number;
    readonly operation: string;
  };
  readonly trace?: string;
}

/** The product itself at work in a tenant. */
export const systemCall = (
  tenant: string,
  part: string,
  operation: string,
  scopes: readonly Permission[] = [],
): Call => ({
  principal: { tenant, subject: `system:${part}`, roles: [], scopes },
  operation,
});
