/**
 * Whoever revokes and then looks at the CRL should find there what OCSP says at once, and a new issuer should have both. The
 * publication is the outbox's; the answer only waits for it, and not for long: one that is late comes all the same.
 */
import type { FunctionDeps } from "../function.ts";

const published = new Set(["crl.publish", "ocsp.rotate"]);
const patienceMs = 2_000;
/** Doubling: what is near is seen at once, what is far costs few looks. */
const firstPauseMs = 10;
const longestPauseMs = 250;
const pageSize = 100;

/** Resolves when nothing of the tenant waits to be published any more, or after `patienceMs`. */
export async function untilPublished({ log }: FunctionDeps, tenant: string): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let pause = firstPauseMs; performance.now() < until; pause = Math.min(2 * pause, longestPauseMs)) {
    const { items } = await log.list(tenant, "outbox", { limit: pageSize, view: { name: "outbox-pending" } });
    if (!items.some(({ state }) => published.has(state.destination))) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
