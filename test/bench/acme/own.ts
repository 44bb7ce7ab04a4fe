/** Our host, validating in the bench's own network. */
import { apiPost } from "../api.ts";
import { newPlace, startHost } from "../host.ts";
import { cpuSeconds } from "../process-usage.ts";
import type { AcmeServer } from "./server.ts";

const label = "bench-acme";

/** @param resolver `address:port` of a DNS server to which every name is 127.0.0.1 */
export async function startOwnAcme(challengePort: number, resolver: string): Promise<AcmeServer> {
  const host = await startHost(newPlace(), {
    TRSTCTL_RESOLVERS: resolver,
    TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8",
    TRSTCTL_TEST_VALIDATION_PORTS: `http=${challengePort},tls=1`,
  });
  try {
    await apiPost(host, "/enrolment-endpoints", { label, protocols: ["acme"], auth: ["open"], private_networks: true });
  } catch (error) {
    await host.remove();
    throw error;
  }
  const { url, ca } = host.profile;
  return {
    name: "ours",
    target: { protocol: "https", port: Number(new URL(url).port), ca },
    directory: `${url}/acme/${label}/directory`,
    oneName: false,
    cpuSeconds: () => cpuSeconds(host.processes.host) + cpuSeconds(host.processes.signer),
    stop: () => host.remove(),
  };
}
