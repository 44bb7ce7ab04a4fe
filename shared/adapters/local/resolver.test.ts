/** The resolver against a server of our own: what is no answer is never "no records". */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DnsServer, startDnsServer } from "#test/dns/server";
import { systemResolver } from "./resolver.ts";
import type { Resolver } from "#shared/ports/resolver";

let dns: DnsServer;
let resolver: Resolver;
beforeAll(async () => {
  dns = await startDnsServer();
  resolver = systemResolver({ servers: [dns.address] });
});
afterAll(() => dns.stop());

describe("addresses", () => {
  it("come as AAAA, then A, in canonical text, along CNAMEs", async () => {
    dns.set("both.test", "A", "192.0.2.1", "192.0.2.2");
    dns.set("both.test", "AAAA", "2001:db8:0:0:0:0:0:1");
    dns.set("alias.test", "CNAME", "both.test");
    const expected = { records: ["2001:db8::1", "192.0.2.1", "192.0.2.2"], exists: true };
    expect(await resolver.addresses("both.test")).toEqual(expected);
    expect(await resolver.addresses("alias.test")).toEqual(expected);
  });

  it("are asked for anew each time", async () => {
    dns.sequence("moves.test", "A", ["192.0.2.1"], ["192.0.2.9"]);
    expect((await resolver.addresses("moves.test")).records).toEqual(["192.0.2.1"]);
    expect((await resolver.addresses("moves.test")).records).toEqual(["192.0.2.9"]);
  });

  it("of one family are enough when the other fails; none and a failure are a failure", async () => {
    dns.set("half.test", "A", "192.0.2.1");
    dns.fail("half.test", "SERVFAIL", "AAAA");
    expect(await resolver.addresses("half.test")).toEqual({ records: ["192.0.2.1"], exists: true });
    dns.set("none.test", "TXT", "x");
    dns.fail("none.test", "SERVFAIL", "A");
    await expect(resolver.addresses("none.test")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("TXT", () => {
  it("comes with its strings joined, every record of it, over TCP when it is long", async () => {
    const long = "x".repeat(700);
    dns.set("_acme-challenge.test", "TXT", long, "second");
    expect(await resolver.txt("_acme-challenge.test")).toEqual({ records: [long, "second"], exists: true });
    expect(dns.asked.filter(({ name }) => name === "_acme-challenge.test").map(({ over }) => over)).toEqual([
      "udp",
      "tcp",
    ]);
  });

  it("tells a name without it from a name that is not there", async () => {
    dns.set("a.there.test", "A", "192.0.2.1");
    expect(await resolver.txt("a.there.test")).toEqual({ records: [], exists: true });
    expect(await resolver.txt("there.test")).toEqual({ records: [], exists: true });
    expect(await resolver.txt("gone.test")).toEqual({ records: [], exists: false });
  });
});

describe("CAA", () => {
  it("comes with flag, tag in lower case, and value", async () => {
    dns.set("caa.test", "CAA", "0 Issue ca.test; a=b", "128 issuewild ;", "1 iodef mailto:a@b.test", "128 tbs x");
    expect((await resolver.caa("caa.test")).records).toEqual([
      { critical: false, tag: "issue", value: "ca.test; a=b" },
      { critical: true, tag: "issuewild", value: ";" },
      { critical: false, tag: "iodef", value: "mailto:a@b.test" },
      { critical: true, tag: "tbs", value: "x" },
    ]);
  });

  it.each(["0 critical x", "0 type x", "0 __proto__ x", "0 issue"])(
    "%j cannot be read, and so is critical",
    async (record) => {
      dns.set("odd.test", "CAA", record);
      expect((await resolver.caa("odd.test")).records).toEqual([{ critical: true, tag: "", value: "" }]);
    },
  );
});

describe.each(["SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"] as const)("%s", (how) => {
  it("is a failure for every kind of question", async () => {
    dns.set("broken.test", "A", "192.0.2.1");
    dns.fail("broken.test", how);
    for (const ask of [resolver.addresses, resolver.txt, resolver.caa])
      await expect(ask("broken.test")).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("each question comes from a port of its own, for who would answer unasked", async () => {
  const before = dns.asked.length;
  await Promise.all(Array.from({ length: 8 }, (_, at) => resolver.txt(`p${at}.ports.test`)));
  expect(new Set(dns.asked.slice(before).map(({ port }) => port)).size).toBeGreaterThan(4);
});

it("a resolver that is not there is a failure", async () => {
  const other = await startDnsServer();
  await other.stop();
  await expect(systemResolver({ servers: [other.address] }).txt("x.test")).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("x.test"),
  });
});
