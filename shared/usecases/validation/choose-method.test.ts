import { describe, expect, it } from "vitest";
import type { Egress, Unreached } from "#shared/ports/egress";
import { noNetwork } from "#test/dns/no-network";
import { chooseMethod, type MethodQuestion } from "./choose-method.ts";

const closed: Unreached = { reached: false, why: "connection", detail: "port 80: ECONNREFUSED" };

/** @param answer of the HTTP port */
function choose(answer: Awaited<ReturnType<Egress["get"]>>, question: Partial<MethodQuestion>, caa: string[] = []) {
  const asked: string[] = [];
  const deps = {
    ...noNetwork,
    egress: {
      ...noNetwork.egress,
      get: (url: string) => {
        asked.push(url);
        return Promise.resolve(answer);
      },
    },
    resolver: {
      ...noNetwork.resolver,
      caa: () =>
        Promise.resolve({ records: caa.map((value) => ({ critical: false, tag: "issue", value })), exists: true }),
    },
  };
  const whole = { name: "www.test", dnsManaged: false, privateNetworks: false, ...question };
  return chooseMethod(deps, whole).then((choice) => ({ ...choice, asked }));
}

const open = { reached: true, status: 404, body: new Uint8Array(), url: "", address: "" } as const;

describe("the method for a name", () => {
  it("is http-01 where somebody answers HTTP, whatever he says", async () => {
    expect(await choose(open, {})).toEqual({
      method: "http-01",
      reason: "its HTTP port answers",
      caa: undefined,
      asked: ["http://www.test/.well-known/acme-challenge/preflight"],
    });
    expect(await choose({ ...closed, why: "response" }, { dnsManaged: true })).toMatchObject({ method: "http-01" });
  });

  it("is dns-01 where nobody does and records can be set, else tls-alpn-01", async () => {
    const managed = await choose(closed, { dnsManaged: true });
    expect(managed).toMatchObject({ method: "dns-01", reason: expect.stringContaining("ECONNREFUSED") });
    expect(await choose(closed, {})).toMatchObject({ method: "tls-alpn-01" });
    expect(await choose(closed, { name: "192.0.2.1", dnsManaged: true })).toMatchObject({ method: "tls-alpn-01" });
  });

  it("is dns-01 for a wildcard, or none", async () => {
    expect(await choose(open, { name: "*.test.example", dnsManaged: true })).toMatchObject({
      method: "dns-01",
      asked: [],
    });
    await expect(choose(open, { name: "*.test.example" })).rejects.toMatchObject({
      code: "unprocessable",
      field: "dns_managed",
    });
  });

  it("is the one that was asked for, where it proves the name at all", async () => {
    expect(await choose(open, { method: "tls-alpn-01" })).toMatchObject({ method: "tls-alpn-01", asked: [] });
    for (const question of [
      { name: "*.test.example", method: "http-01" },
      { name: "192.0.2.1", method: "dns-01" },
    ] as const)
      await expect(choose(open, { ...question, dnsManaged: true })).rejects.toMatchObject({
        code: "unprocessable",
        field: "method",
      });
  });

  it.each(["", "a_b.test", "a..b", "*.*.test", "http://www.test", "127.1"])("%j is no name", async (name) => {
    await expect(choose(open, { name })).rejects.toMatchObject({ code: "invalid_field", field: "name" });
  });

  it("comes with what CAA says", async () => {
    expect(await choose(open, {}, ["other.test"])).toMatchObject({ caa: expect.stringContaining("other.test") });
  });
});
