/** The recipes of docs/acme.md, run as they stand there: only directory, roots, name and web root are the test's. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";
import { type AcmeHouse, labels, openAcmeHouse } from "./acme/house.ts";
import { openWorld, type World } from "./acme/world.ts";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { certbotProgram } from "./tools/certbot.ts";
import { legoProgram } from "./tools/lego.ts";

interface Recipe {
  readonly client: string;
  /** Shell lines that enrol, and those that revoke where the client can. */
  readonly blocks: readonly string[];
  /** Where the certificate lies then, with `$NAME`. */
  readonly leaves: string;
}

const page = readFileSync(join(root, "docs", "acme.md"), "utf8");
const [, section = ""] = /^## Recipes$(.*?)^## /ms.exec(page) ?? [];
const recipes = section
  .split(/^### /m)
  .slice(1)
  .map((text): Recipe => {
    const client = text.slice(0, text.indexOf("\n"));
    const blocks = [...text.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = ""]) => block);
    const [, leaves = ""] = /^Leaves `([^`]+)`/m.exec(text) ?? [];
    return { client, blocks, leaves };
  });
const recipeOf = (client: string): Recipe => {
  const found = recipes.find((recipe) => recipe.client === client);
  if (found === undefined) throw new Error(`docs/acme.md has no recipe for ${client}`);
  return found;
};

let world: World;
let house: AcmeHouse;
beforeAll(async () => {
  world = await openWorld();
  house = await openAcmeHouse(world);
});
afterAll(async () => {
  await house.host.stop();
  await world.stop();
});

interface Run {
  readonly title: string;
  readonly client: string;
  /** Of the newest, which is not on the machine's PATH. */
  readonly program?: () => string;
  readonly names?: (name: string) => string[];
}

const runs: readonly Run[] = [
  { title: "certbot of Debian", client: "certbot" },
  { title: "the newest certbot", client: "certbot", program: certbotProgram },
  { title: "certbot of Debian, wildcard", client: "certbot, a wildcard", names: (name) => [name, `*.${name}`] },
  {
    title: "the newest certbot, wildcard",
    client: "certbot, a wildcard",
    program: certbotProgram,
    names: (name) => [name, `*.${name}`],
  },
  { title: "lego 4", client: "lego 4" },
  { title: "lego 5", client: "lego 5", program: legoProgram },
  { title: "dehydrated", client: "dehydrated" },
  { title: "acme-tiny", client: "acme-tiny" },
  { title: "acmetool", client: "acmetool" },
  { title: "uacme", client: "uacme" },
];

describe("the recipe for", () => {
  it.each(runs.map((run, at) => ({ ...run, name: `www${at}.recipe.test` })))("$title", async (run) => {
    const { client, program, name, names = (one: string) => [one] } = run;
    const { blocks, leaves } = recipeOf(client);
    await world.withWebroot(async (webroot) => {
      const home = world.directory();
      const hook = `curl -sf -d "{\\"fqdn\\":\\"_acme-challenge.$CERTBOT_DOMAIN\\",\\"value\\":\\"$CERTBOT_VALIDATION\\"}" ${world.txt.url}/$1`;
      writeFileSync(join(home, "dns-hook.sh"), `#!/bin/sh\n${hook}\n`, { mode: 0o755 });
      const first = program === undefined ? "" : `${dirname(program())}:`;
      const env = {
        PATH: `${first}${process.env["PATH"]}`,
        HOME: home,
        DIRECTORY: house.open.directory,
        CA: house.open.roots,
        WEBROOT: webroot,
        NAME: name,
      };
      // uacme's own words in the page need root: the system's roots are ours within a mount namespace instead.
      const trust = `mount --bind "$CA" /etc/ssl/certs/ca-certificates.crt && exec sh -eu -c "$1"`;
      const shell = (block: string): Promise<string> =>
        client === "uacme"
          ? succeed("unshare", ["--mount", "sh", "-c", trust, "sh", block], { cwd: home, env })
          : succeed("sh", ["-eu", "-c", block], { cwd: home, env });
      const [enrol = "", revoke] = blocks;
      await shell(enrol);
      const pem = readFileSync(join(home, leaves.replace("$NAME", name)), "utf8");
      const expected = { protocol: "acme", endpoint: labels.open, names: names(name).map((one) => `dns:${one}`) };
      const enrolled = await expectEnrolled(house.host, pem, expected);
      if (revoke === undefined) return;
      await shell(revoke);
      await expectRevoked(house.host, enrolled, /superseded|--reason 4/.test(revoke) ? "superseded" : undefined);
    });
  });

  it("every client of the page is run", () => {
    expect(recipes.map(({ client }) => client).toSorted()).toEqual(
      [...new Set(runs.map(({ client }) => client))].toSorted(),
    );
  });
});
