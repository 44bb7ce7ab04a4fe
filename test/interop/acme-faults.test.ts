/** Stock clients on a bad day: every third nonce is refused, DNS fails at first. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certbot } from "./acme/clients/certbot.ts";
import { lego } from "./acme/clients/lego.ts";
import { acmeTiny, uacme } from "./acme/clients/small.ts";
import { type AcmeHouse, labels, openAcmeHouse } from "./acme/house.ts";
import { openSpoiler, type Spoiler } from "./acme/spoiler.ts";
import { type Ca, openWorld, type World } from "./acme/world.ts";
import { eventually } from "#test/e2e/host";
import { expectEnrolled } from "./enrolled.ts";
import { certbotProgram } from "./tools/certbot.ts";
import { legoProgram } from "./tools/lego.ts";

let world: World;
let spoiler: Spoiler;
let house: AcmeHouse;
let ca: Ca;
beforeAll(async () => {
  world = await openWorld();
  spoiler = await openSpoiler(world.directory());
  house = await openAcmeHouse(world, { TRSTCTL_PUBLIC_URL: spoiler.url });
  spoiler.forwardTo(house.host.apiUrl);
  ca = { directory: `${spoiler.url}/acme/${labels.open}/directory`, roots: spoiler.roots };
});
afterAll(async () => {
  await spoiler.stop();
  await house.host.stop();
  await world.stop();
});

/** The work gets a certificate although the host refused nonces meanwhile. */
async function gets(name: string, work: () => Promise<string>): Promise<void> {
  const before = spoiler.spoiled().refused;
  const pem = await work();
  expect(spoiler.spoiled().refused).toBeGreaterThan(before);
  await expectEnrolled(house.host, pem, { protocol: "acme", endpoint: labels.open, names: [`dns:${name}`] });
}

describe("with nonces that are refused", () => {
  it.each([
    ["certbot of Debian", () => "certbot"],
    ["the newest certbot", certbotProgram],
  ])("%s tries again", (_what, program) =>
    gets("bot.faults.test", () => certbot(program(), ca, world).http01("bot.faults.test")),
  );

  it.each([
    ["lego of Debian", (): string => "lego", 4],
    ["the newest lego", legoProgram, 5],
  ] as const)("%s tries again", (_what, program, major) =>
    gets("lego.faults.test", () =>
      lego({ program: program(), major }, ca, world).issue("http-01", "ec256", "lego.faults.test"),
    ),
  );

  it("acme-tiny tries again", () => gets("tiny.faults.test", () => acmeTiny(ca, world, "tiny.faults.test")));

  it("uacme tries again", () =>
    gets("uacme.faults.test", async (): Promise<string> => {
      const client = await uacme(ca, world);
      return client.issue("uacme.faults.test");
    }));
});

describe("with a name whose resolver does not answer at first", () => {
  it("the host asks again, and the client waits", async () => {
    const name = "slow.faults.test";
    world.dns.fail(name, "SERVFAIL");
    const client = lego({ program: legoProgram(), major: 5 }, ca, world);
    const recovered = eventually("a question for the name", () => {
      if (!world.dns.asked.some((asked) => asked.name === name)) return undefined;
      world.dns.recover(name);
      return true;
    });
    await gets(name, () => client.issue("http-01", "ec256", name));
    await recovered;
  });
});
