/** Stock ACME clients against a started host, on an endpoint that is open and one that asks for a secret (RFC 8555). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { certbot } from "./acme/clients/certbot.ts";
import { lego, type LegoChallenge, type LegoKey } from "./acme/clients/lego.ts";
import { acmeTiny, acmetool, dehydrated, uacme } from "./acme/clients/small.ts";
import { type AcmeHouse, labels, openAcmeHouse } from "./acme/house.ts";
import { openWorld, type World } from "./acme/world.ts";
import { type Enrolled, expectEnrolled, expectRevoked } from "./enrolled.ts";
import { certbotProgram } from "./tools/certbot.ts";
import { legoProgram } from "./tools/lego.ts";

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

const enrolled = (pem: string, names: readonly string[], endpoint: string = labels.open): Promise<Enrolled> =>
  expectEnrolled(house.host, pem, { protocol: "acme", endpoint, names: names.map((name) => `dns:${name}`) });

describe.each([
  { version: "Debian's", program: () => "certbot", ari: false },
  { version: "the newest", program: certbotProgram, ari: true },
])("certbot, $version", ({ program, ari }) => {
  const tag = ari ? "new" : "old";
  it("http-01, renewal, dns-01 with a wildcard, revocation", async () => {
    const client = certbot(program(), house.open, world);
    const name = `${tag}.certbot.test`;
    const first = await enrolled(await client.http01(name, `www.${name}`), [name, `www.${name}`]);
    const second = await enrolled(await client.renew(name, true), [name, `www.${name}`]);
    expect(second.certificate.id).not.toBe(first.certificate.id);
    const wild = await enrolled(await client.dns01(`*.w.${name}`, `w.${name}`), [`*.w.${name}`, `w.${name}`]);
    await client.revoke(name, "superseded");
    await expectRevoked(house.host, second, "superseded");
    await client.revoke(`w.${name}`, "keycompromise");
    await expectRevoked(house.host, wild, "keyCompromise");
  });

  it("with an external account binding", async () => {
    const client = certbot(program(), house.bound, world, await house.credential());
    const name = `eab.${tag}.certbot.test`;
    await enrolled(await client.http01(name), [name], labels.bound);
  });
});

const legoKeys: readonly [LegoChallenge, LegoKey, string][] = [
  ["http-01", "ec256", "P-256"],
  ["dns-01", "ec384", "P-384"],
  ["tls-alpn-01", "rsa2048", "RSA-2048"],
];

describe.each([
  { version: "Debian's", program: () => "lego", major: 4 },
  { version: "the newest", program: legoProgram, major: 5 },
] as const)("lego, $version", ({ program, major }) => {
  it.each(legoKeys)("%s with a %s key, and revocation", async (challenge, key, algorithm) => {
    const client = lego({ program: program(), major }, house.open, world);
    const name = `${key}.lego${major}.test`;
    const names = challenge === "dns-01" ? [`*.${name}`, name] : [name];
    const one = await enrolled(await client.issue(challenge, key, ...names), names);
    expect(one.certificate.key_algorithm).toBe(algorithm);
    await client.revoke(...names);
    await expectRevoked(house.host, one);
  });

  it("with an external account binding, renewed", async () => {
    const client = lego({ program: program(), major, eab: await house.credential() }, house.bound, world);
    const name = `eab.lego${major}.test`;
    const first = await enrolled(await client.issue("http-01", "ec256", name), [name], labels.bound);
    const second = await enrolled(await client.renew("http-01", true, name), [name], labels.bound);
    expect(second.certificate.id).not.toBe(first.certificate.id);
  });

  it("without one it gets no account", async () => {
    const client = lego({ program: program(), major }, house.bound, world);
    await expect(client.issue("http-01", "ec256", "no.lego.test")).rejects.toThrow("requires External Account Binding");
  });

  it("with one of another secret neither", async () => {
    const eab = { ...(await house.credential()), hmac: Buffer.alloc(32).toString("base64url") };
    const client = lego({ program: program(), major, eab }, house.bound, world);
    await expect(client.issue("http-01", "ec256", "no.lego.test")).rejects.toThrow("unauthorized");
  });
});

describe("what npm start provides", () => {
  it("serves by the path without a label; names and addresses in one certificate", async () => {
    const client = lego({ program: legoProgram(), major: 5 }, house.provided, world);
    const pem = await client.issue("http-01", "ec256", "start.lego.test", "127.0.0.1");
    const names = ["dns:start.lego.test", "ip:127.0.0.1"];
    const one = await expectEnrolled(house.host, pem, { protocol: "acme", endpoint: labels.provided, names });
    await client.revoke("start.lego.test");
    await expectRevoked(house.host, one);
  });

  it("an address is proven by tls-alpn-01 too (RFC 8738 6)", async () => {
    const client = lego({ program: legoProgram(), major: 5 }, house.provided, world);
    const pem = await client.issue("tls-alpn-01", "ec256", "127.0.0.1");
    await expectEnrolled(house.host, pem, { protocol: "acme", endpoint: labels.provided, names: ["ip:127.0.0.1"] });
  });
});

describe("the smaller clients", () => {
  it("dehydrated", async () =>
    void (await enrolled(await dehydrated(house.open, world, "a.dehydrated.test"), ["a.dehydrated.test"])));
  it("acme-tiny", async () => void (await enrolled(await acmeTiny(house.open, world, "a.tiny.test"), ["a.tiny.test"])));
  it("acmetool", async () =>
    void (await enrolled(await acmetool(house.open, world, "a.acmetool.test"), ["a.acmetool.test"])));

  it("uacme: a new account key, and revocation with it", async () => {
    const client = await uacme(house.open, world);
    const one = await enrolled(await client.issue("a.uacme.test"), ["a.uacme.test"]);
    await client.newAccountKey();
    await client.revoke("a.uacme.test");
    await expectRevoked(house.host, one);
    await enrolled(await client.issue("b.uacme.test"), ["b.uacme.test"]);
  });
});

it("the host tells which method to use, before there is a client", async () => {
  const ask = async (name: string, query = ""): Promise<unknown> =>
    (await house.host.admin.ok("GET", `/enrolment-endpoints/${labels.open}/preflight/${name}${query}`)).method;
  expect(await ask("a.preflight.test")).toBe("tls-alpn-01");
  expect(await ask("a.preflight.test", "?dns_managed=true")).toBe("dns-01");
  expect(await ask("*.preflight.test", "?dns_managed=true")).toBe("dns-01");
  await world.withWebroot(async () => expect(await ask("a.preflight.test", "?dns_managed=true")).toBe("http-01"));
});

describe("what a client may not have", () => {
  it("a name that it does not hold: nothing answers, and the client is told why", async () => {
    const client = lego({ program: legoProgram(), major: 5 }, house.open, world);
    world.dns.fail("_acme-challenge.other.test", "NXDOMAIN");
    world.dns.set("forbidden.test", "CAA", "0 issue other-ca.example");
    await expect(client.issue("http-01", "ec256", "a.forbidden.test")).rejects.toThrow(/caa.*other-ca\.example/s);
    world.dns.set("metadata.test", "A", "169.254.169.254");
    await expect(client.issue("http-01", "ec256", "metadata.test")).rejects.toThrow(/connection.*never reached/s);
  });

  it("what CAA gives to its own account and method alone", async () => {
    const client = lego({ program: legoProgram(), major: 5 }, house.open, world);
    world.dns.set("bound.test", "CAA", "0 issue ca.example.test; validationmethods=dns-01");
    await expect(client.issue("http-01", "ec256", "bound.test")).rejects.toThrow("validationmethods");
    await enrolled(await client.issue("dns-01", "ec256", "bound.test"), ["bound.test"]);
  });
});

/** Last: it takes the issuing CA of the open endpoint out of use. */
describe("renewal information (RFC 9773), when the CA is lost", () => {
  it("certbot and lego renew what is not due", async () => {
    const bot = certbot(certbotProgram(), house.open, world);
    const le = lego({ program: legoProgram(), major: 5 }, house.open, world);
    const [botName, leName] = ["ari.certbot.test", "ari.lego.test"];
    // certbot keeps to Retry-After: whom it asked once, it does not ask again today.
    const early = await bot.http01(`early.${botName}`);
    const before = [await bot.http01(botName), await le.issue("http-01", "ec256", leName)];
    const olds = [await certificateOf(before[0] ?? ""), await certificateOf(before[1] ?? "")];
    expect(await bot.renew(`early.${botName}`, false)).toBe(early);
    expect(await le.renew("http-01", false, leName)).toBe(before[1]);
    await house.loseIssuer();
    const byBot = await enrolled(await bot.renew(botName, false), [botName]);
    const byLego = await enrolled(await le.renew("http-01", false, leName), [leName]);
    for (const [at, { certificate }] of [byBot, byLego].entries())
      expect(certificate.issuer_id).not.toBe(olds[at].issuer_id);
    // certbot 5.8 does not say which one its order replaces.
    expect([byBot.certificate.replaces_id, byLego.certificate.replaces_id]).toEqual([null, olds[1].id]);
  });
});

async function certificateOf(pem: string) {
  const [der] = pemDecode(pem, "CERTIFICATE");
  const serial = parseCertificate(der ?? new Uint8Array()).serialHex;
  const { items } = await house.host.admin.ok("GET", "/certificates?limit=100");
  return items.find((item: { serial: string }) => item.serial === serial);
}
