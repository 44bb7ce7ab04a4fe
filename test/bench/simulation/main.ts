/** `npm run simulate`: what throttles first on AWS, and at how many times the design load. */
import { assertPinnedRuntime } from "../../../toolchain/runtime.mjs";

assertPinnedRuntime();
const { maxShardEntries } = await import("#shared/domain/crl-shard/crl-shard");
const { product } = await import("./limits.ts");
const { headroom } = await import("./simulate.ts");
const { design } = await import("./workload.ts");

const {
  load,
  limit,
  design: now,
  each,
} = headroom({ workload: design, system: product, seed: 2026, shardEntries: maxShardEntries });
const lines = Object.entries(each)
  .toSorted(([, a], [, b]) => a - b)
  .map(
    ([name, at]) =>
      `${name.padEnd(12)} ${(100 * now.used[name as keyof typeof now.used]).toFixed(1).padStart(6)} % used, throttles at ${at.toFixed(1)}`,
  );
process.stdout.write(
  [
    `busiest second: ${now.peak.all} certificates, ${now.peak.tenant} of the largest tenant`,
    ...lines,
    `largest CRL ${now.crl.entries} entries, ${now.crl.bytes} bytes; its issuer has ${now.crl.shards} shards`,
    `first: ${limit}, at ${load.toFixed(1)} times the design load`,
    "",
  ].join("\n"),
);
