/** What the buckets of a tenant allow and hold. They are this process's own: where there are several, it knows of no other's. */
import { protocolBucket } from "#shared/http/protocol-rate";
import type { Bucket } from "#shared/ports/limiter";
import type { FunctionDeps } from "../function.ts";

const startedMs = Date.now() - Math.round(performance.now());

const allowance = ({ capacity, refillPerSecond }: Bucket) => ({
  burst: capacity,
  per_minute: Math.round(refillPerSecond * 60 * 100) / 100,
});

const held = ({ left, refused, refusedAt }: Bucket) => ({
  left,
  refused,
  last_refused_at: refusedAt === undefined ? null : new Date(refusedAt).toISOString(),
});

/** Of many buckets, or of those of other processes. */
const unknown = { left: null, refused: null, last_refused_at: null };

export function rateLimits({ limiter, enrolmentLimits, protocols, logPlace }: FunctionDeps, tenant: string) {
  const several = logPlace.region !== undefined;
  const own = limiter.look(tenant);
  const perClient = enrolmentLimits.perSubject.look("");
  const perName = enrolmentLimits.perName.look("");
  return {
    counted_by: several ? "one_of_several" : "host",
    since: new Date(startedMs).toISOString(),
    limits: [
      { of: "api", per: "tenant", ...allowance(own), ...held(own) },
      ...protocols.map((protocol) => {
        const bucket = limiter.look(protocolBucket(protocol, tenant));
        // On AWS each protocol is a function of its own, with buckets that this one never sees.
        return { of: protocol, per: "tenant", ...allowance(bucket), ...(several ? unknown : held(bucket)) };
      }),
      { of: "enrolment by client", per: "client", ...allowance(perClient), ...unknown },
      { of: "enrolment by name", per: "name", ...allowance(perName), ...unknown },
    ],
  };
}
