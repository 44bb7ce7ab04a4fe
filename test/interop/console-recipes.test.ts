/**
 * The console's recipes for clients, one of each kind, run as the page shows them: only name, credential and the web server's
 * directory are the test's.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { succeed } from "#test/run";
import { placesOf, preparation, type Recipe, recipesFor } from "../../web/pages/enrolment/recipes.ts";
import { type AcmeHouse, openAcmeHouse } from "./acme/house.ts";
import { openWorld, type World } from "./acme/world.ts";
import { expectEnrolled } from "./enrolled.ts";
import { legoProgram } from "./tools/lego.ts";

let world: World;
let house: AcmeHouse;
beforeAll(async () => {
  world = await openWorld();
  house = await openAcmeHouse(world);
});
afterAll(async () => {
  await house?.host.stop();
  await world?.stop();
});

/** As the page makes it for an endpoint. */
async function shown(label: string): Promise<readonly Recipe[]> {
  const { admin, apiUrl } = house.host;
  const { protocols, auth } = await admin.ok("GET", `/enrolment-endpoints/${label}`);
  const [issuer] = (await admin.ok("GET", "/issuers")).items;
  const origin = `https://trstctl.localhost:${new URL(apiUrl).port}`;
  return recipesFor({ ...placesOf(origin, issuer.ocsp_url), label, protocols, auth });
}

interface Run {
  readonly client: string;
  readonly protocol: string;
  readonly auth: readonly string[];
  /** Uses of the credential; ACME binds an account to it. */
  readonly uses?: number;
  /** It asks those alone: ours are the system's within a mount namespace. */
  readonly systemRoots?: true;
  /** Not on the machine's PATH. */
  readonly program?: () => string;
}

const runs: readonly Run[] = [
  { client: "certbot", protocol: "acme", auth: ["open"] },
  { client: "certbot", protocol: "acme", auth: ["secret"], uses: 0 },
  { client: "lego 5", protocol: "acme", auth: ["open"], program: legoProgram },
  { client: "lego 5", protocol: "acme", auth: ["secret"], uses: 0, program: legoProgram },
  { client: "uacme", protocol: "acme", auth: ["open"], systemRoots: true },
  { client: "curl and openssl", protocol: "est", auth: ["secret"] },
  { client: "strongSwan's pki", protocol: "scep", auth: ["secret"] },
  { client: "openssl cmp", protocol: "cmp", auth: ["secret"] },
];

describe("the console's recipe for", () => {
  it.each(runs.map((run, at) => ({ ...run, at })))(
    "$client, $auth",
    async ({ at, client, protocol, auth, uses, systemRoots, program }) => {
      const { host } = house;
      const label = `console-${at}`;
      const name = `www${at}.console.test`;
      await host.admin.ok("POST", "/enrolment-endpoints", {
        label,
        protocols: [protocol],
        auth,
        private_networks: true,
      });
      const needsSecret = !auth.includes("open");
      const credential = needsSecret
        ? await host.admin.ok("POST", "/enrolment-credentials", { endpoint: label, max_uses: uses ?? 1 })
        : { id: "", secret: "" };
      const recipe = (await shown(label)).find((one) => one.client === client);
      if (recipe === undefined) throw new Error(`the page has no recipe for ${client}`);
      const directory = join(host.directory, label);
      mkdirSync(directory);
      writeFileSync(join(directory, "ca.pem"), readFileSync(house.open.roots));
      writeFileSync(join(directory, "root.pem"), (await host.admin.ok("GET", "/issuers/root")).certificate);
      await world.withWebroot(async (webroot) => {
        const script = `${preparation(needsSecret)}\n${recipe.command}`
          .replace("app.example.test", name)
          .replace("<credential>", credential.id)
          .replace("<secret>", credential.secret)
          .replaceAll("/var/www/html", webroot);
        const first = program === undefined ? "" : `${dirname(program())}:`;
        const env = {
          ...process.env,
          PATH: `${first}${process.env["PATH"]}`,
          HOME: directory,
          no_proxy: "localhost,127.0.0.1",
        };
        if (systemRoots === undefined) await succeed("sh", ["-eu", "-c", script], { cwd: directory, env });
        else {
          const trust = 'mount --bind ca.pem /etc/ssl/certs/ca-certificates.crt && exec sh -eu -c "$1"';
          await succeed("unshare", ["--mount", "sh", "-c", trust, "sh", script], { cwd: directory, env });
        }
      });
      const got = readFileSync(join(directory, recipe.leaves.replace("$NAME", name)), "utf8");
      await expectEnrolled(host, got, { protocol, endpoint: label, names: [`dns:${name}`] });
    },
  );
});
