/** Endpoints and secrets for SCEP clients. */
import type { Host, Json } from "#test/e2e/host";

export interface ScepEndpoint {
  readonly label: string;
  /** What clients are told, over plain HTTP. */
  readonly url: string;
}

let made = 0;

export async function scepEndpoint(host: Host, settings: Json = {}): Promise<ScepEndpoint> {
  const label = `scep-${++made}`;
  await host.admin.ok("POST", "/enrolment-endpoints", {
    label,
    protocols: ["scep"],
    auth: ["secret", "certificate"],
    ...settings,
  });
  return { label, url: `${host.revocationUrl}/scep/${label}` };
}

/** One challengePassword for these names. */
export async function challenge(host: Host, { label }: ScepEndpoint, ...names: readonly string[]): Promise<string> {
  const { id, secret } = await host.admin.ok("POST", "/enrolment-credentials", { endpoint: label, names });
  return `${id}.${secret}`;
}

/** Approves what waits at an endpoint. */
export async function approveAll(host: Host, { label }: ScepEndpoint): Promise<number> {
  const { items } = await host.admin.ok("GET", "/enrolment-requests");
  const waiting = items.filter((item: Json) => item.endpoint === label && item.status === "pending");
  for (const { id } of waiting) await host.admin.ok("POST", `/enrolment-requests/${id}/approve`, {});
  return waiting.length;
}

/** What `expectEnrolled` shall find. */
export const expected = ({ label }: ScepEndpoint, ...names: readonly string[]) => ({
  protocol: "scep",
  endpoint: label,
  names: names.map((name) => `dns:${name}`),
});

/** How many messages of a type were answered how, at all endpoints of the host. */
export async function answered(host: Host, operation: string, decision: string): Promise<number> {
  const { text } = await host.admin.send("GET", "//metrics");
  const lines = text.split("\n").filter((line) => line.startsWith("trstctl_protocol_requests_total{"));
  const line = lines.find((one) => one.includes(`operation="${operation}"`) && one.includes(`decision="${decision}"`));
  return Number(line?.split(" ").at(-1) ?? 0);
}
