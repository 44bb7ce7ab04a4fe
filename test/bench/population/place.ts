import { apiPost } from "../api.ts";
import { csrFor } from "../csr.ts";
import { newPlace, startHost } from "../host.ts";
import { populate } from "./populate.ts";
import { nameOf } from "./template.ts";

/** The tenant that a first start makes. */
const tenant = "default";
const progressStep = 50_000;

/** @returns a place for `startHost`, with so many certificates in it and nothing running */
export async function populatedPlace(certificates: number): Promise<string> {
  const place = newPlace();
  const host = await startHost(place);
  try {
    await apiPost(host, "/certificates", { csr: csrFor(nameOf(0)), validity_seconds: 90 * 86_400 });
  } finally {
    await host.stop();
  }
  const started = performance.now();
  await populate(host.dataDirectory, {
    tenant,
    count: certificates - 1,
    onProgress: (done) => {
      if (done % progressStep !== 0) return;
      const seconds = Math.round((performance.now() - started) / 1000);
      process.stderr.write(`populating: ${done} of ${certificates} in ${seconds} s\n`);
    },
  });
  return place;
}
