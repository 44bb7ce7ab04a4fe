/** lego, the client behind Traefik and Caddy's relatives: 4 has its flags before the command, 5 after it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import type { Ca, World } from "../world.ts";

export type LegoChallenge = "http-01" | "dns-01" | "tls-alpn-01";
export type LegoKey = "ec256" | "ec384" | "rsa2048";

export interface LegoOptions {
  readonly program: string;
  readonly major: 4 | 5;
  readonly eab?: { readonly kid: string; readonly hmac: string };
}

export interface Lego {
  /** @returns PEM, leaf first */
  issue(challenge: LegoChallenge, key: LegoKey, ...names: readonly string[]): Promise<string>;
  /** As `issue` was called; `force`: due or not. @returns PEM, leaf first */
  renew(challenge: LegoChallenge, force: boolean, ...names: readonly string[]): Promise<string>;
  revoke(...names: readonly string[]): Promise<void>;
}

export function lego({ program, major, eab }: LegoOptions, { directory: server, roots }: Ca, world: World): Lego {
  const path = world.directory();
  const env = {
    PATH: process.env["PATH"],
    HOME: path,
    LEGO_CA_CERTIFICATES: roots,
    HTTPREQ_ENDPOINT: world.txt.url,
    HTTPREQ_POLLING_INTERVAL: "1",
  };
  const listen = (port: number): string => `127.0.0.1:${port}`;
  const port = major === 4 ? "port" : "address";
  const challengeFlags: Readonly<Record<LegoChallenge, readonly string[]>> = {
    "http-01": ["--http", `--http.${port}`, listen(world.ports.http)],
    "tls-alpn-01": ["--tls", `--tls.${port}`, listen(world.ports.tls)],
    "dns-01": [
      "--dns",
      "httpreq",
      "--dns.resolvers",
      world.dns.address,
      ...(major === 4 ? ["--dns.disable-cp"] : ["--dns.propagation.disable-ans"]),
    ],
  };
  const common = ["--server", server, "--path", path, "--accept-tos", "--email", "lego@example.test"];
  const binding = eab === undefined ? [] : ["--eab", "--kid", eab.kid, "--hmac", eab.hmac];
  const binding5 = eab === undefined ? [] : ["--eab", "--eab.kid", eab.kid, "--eab.hmac", eab.hmac];
  const domains = (names: readonly string[]): string[] => names.flatMap((name) => ["--domains", name]);
  const fileOf = (name: string): string => join(path, "certificates", `${name.replace("*", "_")}.crt`);
  const pemOf = (names: readonly string[]): string => readFileSync(fileOf(names[0] ?? ""), "utf8");
  return {
    async issue(challenge, key, ...names) {
      const flags = [...common, "--key-type", key, ...challengeFlags[challenge], ...domains(names)];
      if (major === 4) await succeed(program, [...flags, ...binding, "run"], { env });
      else await succeed(program, ["run", ...flags, ...binding5], { env });
      return pemOf(names);
    },
    async renew(challenge, force, ...names) {
      const flags = [...common, ...challengeFlags[challenge], ...domains(names)];
      const days = force ? ["--days", "3650"] : [];
      if (major === 4) await succeed(program, [...flags, ...binding, "renew", "--no-random-sleep", ...days], { env });
      else {
        const how = force ? ["--renew-force"] : [];
        await succeed(program, ["run", ...flags, ...binding5, "--no-random-sleep", ...how], { env });
      }
      return pemOf(names);
    },
    async revoke(...names) {
      if (major === 4) await succeed(program, [...common, ...domains(names), "revoke", "--keep"], { env });
      else {
        const flags = ["--server", server, "--path", path, "--email", "lego@example.test"];
        const certificates = names.slice(0, 1).flatMap((name) => ["--cert.name", name]);
        await succeed(program, ["certificates", "revoke", ...flags, ...certificates, "--keep"], { env });
      }
    },
  };
}
