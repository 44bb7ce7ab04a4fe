import { Failure } from "#shared/kernel/failure";
import type { Limiter } from "#shared/ports/limiter";

/** The bucket of a protocol on behalf of a tenant. */
export const protocolBucket = (protocol: string, tenant: string): string => `${protocol}/${tenant}`;

/**
 * How often a protocol is asked on behalf of a tenant, by anybody: who asks is not known yet. Beside the tenant's own
 * bucket, which only its principals empty: else strangers who ask long enough would keep it from its API.
 * @throws Failure `rate_limited`
 */
export function assertProtocolRate(limiter: Limiter, protocol: string, tenant: string): void {
  const permit = limiter.take(protocolBucket(protocol, tenant));
  if (permit.ok) return;
  throw new Failure("rate_limited", "more requests come to this endpoint's tenant than it may have; slow down", {
    retryAfter: permit.retryAfter,
  });
}
