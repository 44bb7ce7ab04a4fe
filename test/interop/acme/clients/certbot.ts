/** certbot: the client of the EFF; old (Debian) and new (PyPI) have the same flags. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import type { Ca, World } from "../world.ts";

export interface Certbot {
  /** @returns PEM, leaf first */
  http01(...names: readonly string[]): Promise<string>;
  dns01(...names: readonly string[]): Promise<string>;
  /** Of the certificate for `name`, due or not when `force`. @returns PEM, leaf first */
  renew(name: string, force: boolean): Promise<string>;
  revoke(name: string, reason: string): Promise<void>;
}

/** An account, a configuration and certificates of its own. */
export function certbot(
  program: string,
  { directory: server, roots }: Ca,
  world: World,
  eab?: { readonly kid: string; readonly hmac: string },
): Certbot {
  const home = world.directory();
  const say = (event: "present" | "cleanup"): string =>
    world.script(
      `${event}.sh`,
      `curl -sf -d "{\\"fqdn\\":\\"_acme-challenge.$CERTBOT_DOMAIN.\\",\\"value\\":\\"$CERTBOT_VALIDATION\\"}" ${world.txt.url}/${event}`,
    );
  const run = (...words: readonly string[]): Promise<string> =>
    succeed(
      program,
      [
        ...words,
        ...["--server", server, "--non-interactive", "--no-random-sleep-on-renew"].filter(
          (word) => words[0] === "renew" || word !== "--no-random-sleep-on-renew",
        ),
        ...["config", "work", "logs"].flatMap((part) => [`--${part}-dir`, join(home, part)]),
      ],
      { env: { PATH: process.env["PATH"], HOME: home, REQUESTS_CA_BUNDLE: roots } },
    );
  const pemOf = (name: string): string =>
    readFileSync(join(home, "config", "live", name.replace(/^\*\./, ""), "fullchain.pem"), "utf8");
  const account = ["--agree-tos", "--email", "certbot@example.test", "--no-eff-email"].concat(
    eab === undefined ? [] : ["--eab-kid", eab.kid, "--eab-hmac-key", eab.hmac],
  );
  const domains = (names: readonly string[]): string[] => names.flatMap((name) => ["-d", name]);
  return {
    async http01(...names) {
      const standalone = ["--standalone", "--http-01-port", String(world.ports.http), "--http-01-address", "127.0.0.1"];
      await run("certonly", ...account, ...standalone, ...domains(names));
      return pemOf(names[0] ?? "");
    },
    async dns01(...names) {
      const hooks = ["--manual-auth-hook", say("present"), "--manual-cleanup-hook", say("cleanup")];
      await run("certonly", ...account, "--manual", "--preferred-challenges", "dns", ...hooks, ...domains(names));
      return pemOf(names[0] ?? "");
    },
    async renew(name, force) {
      await run("renew", "--cert-name", name, ...(force ? ["--force-renewal"] : []));
      return pemOf(name);
    },
    revoke: async (name, reason) =>
      void (await run("revoke", "--cert-name", name, "--reason", reason, "--no-delete-after-revoke")),
  };
}
