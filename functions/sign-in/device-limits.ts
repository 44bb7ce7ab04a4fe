/** How often anybody may ask, signed in or not, before anything is looked up or kept (I8): for an address, and for all together. */
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { clientNetwork } from "#shared/pki/ip";
import type { Clock } from "#shared/ports/clock";
import type { Peer } from "../function.ts";
import { OAuthError } from "./oauth.ts";

/** So many at once, then so many a minute. */
const rates = {
  begin: { address: { capacity: 30, perMinute: 10 }, all: { capacity: 300, perMinute: 120 } },
  poll: { address: { capacity: 120, perMinute: 120 }, all: { capacity: 6_000, perMinute: 6_000 } },
} as const;

export interface DeviceLimits {
  /** @throws OAuthError with Retry-After; to a program that polls it says `slow_down` as well */
  take(what: keyof typeof rates, peer: Peer): void;
}

export function createDeviceLimits(clock: Clock): DeviceLimits {
  const limiter = ({ capacity, perMinute }: { readonly capacity: number; readonly perMinute: number }) =>
    tokenBuckets({ capacity, refillPerSecond: perMinute / 60, clock, maxBuckets: 10_000 });
  const pair = (what: keyof typeof rates) => ({ own: limiter(rates[what].address), all: limiter(rates[what].all) });
  const limits = { begin: pair("begin"), poll: pair("poll") };
  return {
    take(what, { address }) {
      const { own, all } = limits[what];
      // Who is over their own does not use up what is for all.
      const first = own.take(clientNetwork(address));
      const permit = first.ok ? all.take("all") : first;
      if (permit.ok) return;
      throw new OAuthError(
        what === "poll" ? "slow_down" : "temporarily_unavailable",
        "too many sign-ins are asked for at once; wait, then try again",
        { status: 429, retryAfter: permit.retryAfter },
      );
    },
  };
}
