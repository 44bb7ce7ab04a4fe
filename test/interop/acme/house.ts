/** A started trstctl as a CA for ACME clients: names resolve in the world's DNS, challenges go to its ports. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import type { Ca, World } from "./world.ts";

export interface AcmeHouse {
  readonly host: Host;
  /** Open to everybody who proves control of the names; its certificates come from an issuing CA of its own. */
  readonly open: Ca;
  /** What `npm start` provides, by the path without a label. */
  readonly provided: Ca;
  /** For holders of a credential alone. */
  readonly bound: Ca;
  /** A fresh credential of `bound`. */
  credential(): Promise<{ readonly kid: string; readonly hmac: string }>;
  /** From now on new certificates of `open` come from another issuing CA, and the one before is taken out of use. */
  loseIssuer(): Promise<void>;
}

async function cli(host: Host, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.cli(...words);
  if (code !== 0) throw new Error(`trstctl ${words.join(" ")}: ${code}\n${stderr}`);
  return stdout;
}

export const labels = { open: "web", bound: "bound", provided: "default" } as const;

/** @param more settings of the host */
export async function openAcmeHouse(world: World, more: Readonly<Record<string, string>> = {}): Promise<AcmeHouse> {
  const host = await startHost({
    settings: {
      TRSTCTL_RESOLVERS: world.dns.address,
      TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8",
      TRSTCTL_CAA_IDENTITIES: "ca.example.test",
      TRSTCTL_TEST_VALIDATION_PORTS: `http=${world.ports.http},tls=${world.ports.tls}`,
      ...more,
    },
  });
  const roots = join(temporaryDirectory(), "roots.pem");
  writeFileSync(roots, await cli(host, "tls-root"));
  const issuer = await host.admin.ok("POST", "/issuers", { name: "Web CA" });
  const common = { protocols: ["acme"], private_networks: true };
  const created = `--label ${labels.open} --protocols acme --auth open --private-networks --issuer-id ${issuer.id}`;
  await cli(host, "enrolment-endpoints", "create", ...created.split(" "));
  await host.admin.ok("POST", "/enrolment-endpoints", { label: labels.bound, ...common, auth: ["secret"] });
  let current = issuer.id;
  const ca = (label: string): Ca => ({ directory: `${host.apiUrl}/acme/${label}/directory`, roots });
  return {
    host,
    open: ca(labels.open),
    provided: { directory: `${host.apiUrl}/directory`, roots },
    bound: ca(labels.bound),
    async credential() {
      const { id, secret } = await host.admin.ok("POST", "/enrolment-credentials", {
        endpoint: labels.bound,
        max_uses: 0,
      });
      return { kid: id, hmac: secret };
    },
    async loseIssuer() {
      const next = await host.admin.ok("POST", "/issuers", { name: "Web CA 2" });
      await host.admin.ok("PATCH", `/enrolment-endpoints/${labels.open}`, { issuer_id: next.id });
      await host.admin.ok("POST", `/issuers/${current}/retire`, {});
      current = next.id;
    },
  };
}
