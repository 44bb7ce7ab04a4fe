/** What leaves this host, from its settings: whom it asks for names, which networks it reaches, where it validates. */
import { isIP } from "node:net";
import { directEgress } from "#shared/adapters/local/egress";
import { systemResolver } from "#shared/adapters/local/resolver";
import type { HostConfig } from "#shared/contracts/config/host";
import { dnsNameProblem } from "#shared/pki/identifier";
import { cidrBytes } from "#shared/pki/ip";
import type { ValidationDeps } from "#shared/usecases/validation/challenge";
import type { Mode } from "./profile.ts";

/** RFC 8555 8.3, RFC 8737 3; DNS. */
const wellKnown = { http: 80, tls: 443, dns: 53 };

interface ResolverAddress {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.53`, `192.0.2.53:53`, `2001:db8::53`, `[2001:db8::53]:53`. */
function resolverAddress(text: string): ResolverAddress | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = isIP(text) === 6 ? text : (v6 ?? v4 ?? "");
  const family = isIP(address);
  if (family === 0 || (v6 !== undefined && family !== 6)) return undefined;
  const number = port === undefined ? wellKnown.dns : Number(port);
  return number >= 1 && number <= 65_535 ? { address, port: number } : undefined;
}

/** @returns undefined when one is no port number */
function testPorts(text: string): { readonly http: number; readonly tls: number } | undefined {
  const [http = 0, tls = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return [http, tls].every((port) => port >= 1 && port <= 65_535) ? { http, tls } : undefined;
}

export function networkProblems(mode: Mode, config: Partial<HostConfig>): readonly string[] {
  const problems: string[] = [];
  for (const cidr of config.TRSTCTL_EGRESS_CIDRS ?? [])
    if (cidrBytes(cidr) === undefined)
      problems.push(
        `TRSTCTL_EGRESS_CIDRS: ${JSON.stringify(cidr)} is no network such as 10.20.0.0/16 or fd00:1::/32 (no bit set after the prefix)`,
      );
  for (const name of config.TRSTCTL_CAA_IDENTITIES ?? []) {
    const problem = dnsNameProblem(name, "refused");
    if (problem !== undefined) problems.push(`TRSTCTL_CAA_IDENTITIES: ${JSON.stringify(name)} ${problem}`);
  }
  for (const text of config.TRSTCTL_RESOLVERS ?? []) {
    const resolver = resolverAddress(text);
    if (resolver === undefined)
      problems.push(`TRSTCTL_RESOLVERS: ${JSON.stringify(text)} is no address such as 192.0.2.53 or [2001:db8::53]`);
    else if (mode === "serve" && resolver.port !== wellKnown.dns)
      problems.push(
        `TRSTCTL_RESOLVERS: \`serve\` asks on port ${wellKnown.dns} only, not ${resolver.port}: other ports are for tests`,
      );
  }
  const ports = config.TRSTCTL_TEST_VALIDATION_PORTS;
  if (ports !== undefined && testPorts(ports) === undefined)
    problems.push("TRSTCTL_TEST_VALIDATION_PORTS: ports are 1 to 65535");
  if (ports !== undefined && mode === "serve")
    problems.push(
      `TRSTCTL_TEST_VALIDATION_PORTS: \`serve\` validates on ports ${wellKnown.http} and ${wellKnown.tls} only, so that who proves control holds them; use \`trstctl up\` for tests`,
    );
  return problems;
}

export function networkOf(config: HostConfig): ValidationDeps {
  const servers = config.TRSTCTL_RESOLVERS.map((text) => {
    const { address, port } = resolverAddress(text) as ResolverAddress;
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  });
  const resolver = systemResolver({ servers });
  const { http, tls } = testPorts(config.TRSTCTL_TEST_VALIDATION_PORTS ?? "") ?? wellKnown;
  return {
    resolver,
    egress: directEgress({ resolver, cidrs: config.TRSTCTL_EGRESS_CIDRS }),
    validation: { ports: { http, tls }, caaIdentities: config.TRSTCTL_CAA_IDENTITIES },
  };
}
