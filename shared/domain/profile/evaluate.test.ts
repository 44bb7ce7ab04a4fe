import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ProfileSpec, profileSpec } from "#shared/contracts/api/profiles";
import { assertProfileSpec, evaluateProfile, type RequestedCertificate } from "./evaluate.ts";
import type { Profile } from "./profile.ts";

type Input = Partial<ProfileSpec>;

const profile = (spec: Input = {}): Profile => ({
  name: "web",
  version: 3,
  spec: profileSpec.parse(spec),
  created_by: "tester",
  created_at: "",
});
const request = (over: Partial<RequestedCertificate> = {}): RequestedCertificate => ({
  protocol: "api",
  key: { algorithm: "P-256", bits: 256 },
  names: [{ type: "dns", value: "www.example.test" }],
  validitySeconds: undefined,
  ...over,
});
const name = (type: "dns" | "ip" | "email" | "uri", value: string) => request({ names: [{ type, value }] });

const allows = (spec: Input, wanted: RequestedCertificate): boolean => {
  try {
    evaluateProfile(profile(spec), wanted);
    return true;
  } catch (error) {
    expect(error).toMatchObject({
      code: "unprocessable",
      message: expect.stringContaining("profile web@3 refuses this") as unknown,
    });
    return false;
  }
};

const field = (spec: Input, wanted: RequestedCertificate): unknown => {
  try {
    evaluateProfile(profile(spec), wanted);
  } catch (error) {
    return (error as { field: string }).field;
  }
  return "allowed";
};

describe("what a profile grants", () => {
  test("its defaults and its usages", () => {
    expect(evaluateProfile(profile(), request())).toEqual({
      validitySeconds: 30 * 86_400,
      extendedKeyUsages: ["serverAuth", "clientAuth"],
    });
  });

  test("a validity up to the longest, to the second", () => {
    const spec = { max_validity_seconds: 3600, default_validity_seconds: 3600 };
    expect(evaluateProfile(profile(spec), request({ validitySeconds: 3600 })).validitySeconds).toBe(3600);
    expect(field(spec, request({ validitySeconds: 3601 }))).toBe("validity_seconds");
    // A default that a later edit left longer than the longest does not widen it.
    expect(
      evaluateProfile(profile({ max_validity_seconds: 60, default_validity_seconds: 3600 }), request()).validitySeconds,
    ).toBe(60);
  });
});

describe("protocols and keys", () => {
  test.each([
    { spec: {}, over: { protocol: "scep" }, ok: true },
    { spec: { allowed_protocols: ["acme"] }, over: { protocol: "acme" }, ok: true },
    { spec: { allowed_protocols: ["acme"] }, over: { protocol: "api" }, ok: false },
    { spec: { allowed_protocols: ["acme", "api"] }, over: { protocol: "api" }, ok: true },
    { spec: { allowed_key_algorithms: ["P-384"] }, over: {}, ok: false },
    { spec: { allowed_key_algorithms: [] }, over: {}, ok: false },
    { spec: { allowed_key_algorithms: ["RSA"] }, over: { key: { algorithm: "RSA", bits: 2048 } }, ok: true },
    {
      spec: { allowed_key_algorithms: ["RSA"], min_rsa_bits: 3072 },
      over: { key: { algorithm: "RSA", bits: 3071 } },
      ok: false,
    },
    { spec: { min_rsa_bits: 3072 }, over: { key: { algorithm: "RSA", bits: 3072 } }, ok: true },
    { spec: { min_rsa_bits: 8192 }, over: { key: { algorithm: "P-256", bits: 256 } }, ok: true },
    { spec: {}, over: { key: { algorithm: "DSA", bits: 4096 } }, ok: false },
    { spec: {}, over: { names: [] }, ok: false },
  ] as { spec: Input; over: Partial<RequestedCertificate>; ok: boolean }[])("%j", ({ spec, over, ok }) => {
    expect(allows(spec, request(over))).toBe(ok);
  });
});

describe("DNS suffixes", () => {
  const spec = { allowed_dns_suffixes: ["example.test"] };
  test.each([
    ["example.test", true],
    ["www.example.test", true],
    ["a.b.example.test", true],
    ["*.example.test", true],
    ["badexample.test", false],
    ["example.test.evil.test", false],
    ["test", false],
    ["*.test", false],
    ["example.tes", false],
    ["xample.test", false],
  ])("%s: %s", (value, ok) => {
    expect(allows(spec, name("dns", value))).toBe(ok);
  });

  test("leading and trailing dots and case of the suffix do not matter", () => {
    for (const suffix of [".example.test", "example.test.", ".EXAMPLE.Test."])
      expect(allows({ allowed_dns_suffixes: [suffix] }, name("dns", "www.example.test"))).toBe(true);
    for (const suffix of [".", "..", "*"])
      expect(allows({ allowed_dns_suffixes: [suffix] }, name("dns", "www.example.test"))).toBe(false);
  });

  test("hold on label boundaries only, whatever the labels", () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
    const domain = fc.array(label, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(domain, domain, label, (suffix, below, glued) => {
        const allowed = { allowed_dns_suffixes: [suffix.join(".")] };
        expect(allows(allowed, name("dns", [...below, ...suffix].join(".")))).toBe(true);
        const joined = [...below, `${glued}${suffix[0]}`, ...suffix.slice(1)];
        const inside = joined.slice(-suffix.length).join(".") === suffix.join(".");
        expect(allows(allowed, name("dns", joined.join(".")))).toBe(inside);
      }),
    );
  });
});

describe("wildcards", () => {
  test("are a permission of their own", () => {
    const spec = { allow_wildcards: false, allowed_dns_suffixes: ["example.test"] };
    expect(allows(spec, name("dns", "*.example.test"))).toBe(false);
    expect(allows(spec, name("dns", "www.example.test"))).toBe(true);
    expect(allows({ allow_wildcards: false }, name("dns", "*.example.test"))).toBe(false);
    expect(allows({}, name("dns", "*.example.test"))).toBe(true);
  });
});

describe("addresses", () => {
  const spec = { allowed_ip_cidrs: ["10.1.0.0/16", "2001:db8::/32"] };
  test.each([
    ["10.1.0.0", true],
    ["10.1.255.255", true],
    ["10.2.0.0", false],
    ["10.0.255.255", false],
    ["2001:db8::1", true],
    ["2001:db9::1", false],
    ["::1", false],
  ])("%s: %s", (value, ok) => {
    expect(allows(spec, name("ip", value))).toBe(ok);
  });

  test("one of the other family is never inside", () => {
    expect(allows({ allowed_ip_cidrs: ["0.0.0.0/0"] }, name("ip", "2001:db8::1"))).toBe(false);
    expect(allows({ allowed_ip_cidrs: ["::/0"] }, name("ip", "10.0.0.1"))).toBe(false);
  });
});

describe("e-mail", () => {
  const spec = { allowed_email_domains: ["example.test"] };
  test.each([
    ["a@example.test", true],
    ["a@mail.example.test", true],
    ["a@EXAMPLE.test", true],
    ["a@badexample.test", false],
    ["a@example.test@evil.test", false],
    ["evil.test@example.test", true],
    ["a@example.test.evil.test", false],
    ["example.test", true],
  ])("%s: %s", (value, ok) => {
    expect(allows(spec, name("email", value))).toBe(ok);
  });
});

describe("URI prefixes", () => {
  test.each([
    ["spiffe://a", "spiffe://a", true],
    ["spiffe://a", "spiffe://a/b", true],
    ["spiffe://a", "spiffe://abc", false],
    ["spiffe://a", "spiffe://a.evil.test/", false],
    ["spiffe://a", "spiffe://a@evil.test/", false],
    ["spiffe://a", "spiffe://a:8443/", false],
    ["spiffe://a/ns/", "spiffe://a/ns/x", true],
    ["spiffe://a/ns", "spiffe://a/ns/x", true],
    ["spiffe://a/ns", "spiffe://a/nsx", false],
    ["spiffe://a/ns", "spiffe://a/ns?x", true],
    ["spiffe://a/ns", "spiffe://a/n", false],
    ["https://a/", "http://a/", false],
  ])("%s covers %s: %s", (prefix, value, ok) => {
    expect(allows({ allowed_uri_prefixes: [prefix] }, name("uri", value))).toBe(ok);
  });

  test("cannot be left again through the path", () => {
    for (const value of [
      "spiffe://a/ns/../other",
      "spiffe://a/ns/./../../x",
      "spiffe://a/ns/%2e%2e/other",
      "spiffe://a/ns/..",
    ])
      expect(allows({ allowed_uri_prefixes: ["spiffe://a/ns/"] }, name("uri", value))).toBe(false);
    expect(allows({ allowed_uri_prefixes: ["spiffe://a/ns/"] }, name("uri", "spiffe://a/ns/..x/y"))).toBe(true);
  });
});

describe("one list closes the other kinds", () => {
  const values = { dns: "www.example.test", ip: "10.0.0.1", email: "a@example.test", uri: "spiffe://a/b" } as const;
  const lists = {
    dns: { allowed_dns_suffixes: ["example.test"] },
    ip: { allowed_ip_cidrs: ["10.0.0.0/8"] },
    email: { allowed_email_domains: ["example.test"] },
    uri: { allowed_uri_prefixes: ["spiffe://a"] },
  } satisfies Record<string, Input>;
  const kinds = ["dns", "ip", "email", "uri"] as const;

  test.each(kinds)("%s", (kind) => {
    for (const other of kinds) expect(allows(lists[kind], name(other, values[other]))).toBe(other === kind);
  });

  test("without any list every kind is allowed", () => {
    for (const kind of kinds) expect(allows({}, name(kind, values[kind]))).toBe(true);
  });

  test("one name outside is enough", () => {
    const names = [
      { type: "dns", value: "www.example.test" },
      { type: "ip", value: "10.0.0.1" },
    ] as const;
    expect(allows(lists.dns, request({ names }))).toBe(false);
    expect(allows({ ...lists.dns, ...lists.ip }, request({ names }))).toBe(true);
  });
});

describe("what the schema cannot say about a spec", () => {
  const problem = (spec: Input): unknown => {
    try {
      assertProfileSpec(profileSpec.parse(spec), ["est"]);
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid_field" });
      return (error as { field: string }).field;
    }
    return undefined;
  };

  test("protocols are those of the host, and the API", () => {
    expect(problem({ allowed_protocols: ["api", "est"] })).toBeUndefined();
    expect(problem({ allowed_protocols: ["est", "acme"] })).toBe("spec.allowed_protocols.1");
  });

  test.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0/8",
    "::/129",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10.0.0.0/",
    "x/8",
    "10.0.0.0/08x",
    "",
  ])("%s is no CIDR", (cidr) => {
    expect(problem({ allowed_ip_cidrs: ["10.0.0.0/8", cidr] })).toBe("spec.allowed_ip_cidrs.1");
  });

  test.each(["spiffe:", "spiffe://", "spiffe:///x", "//a/b", "a/b", "", "1x://a"])("%s is no URI prefix", (prefix) => {
    expect(problem({ allowed_uri_prefixes: [prefix] })).toBe("spec.allowed_uri_prefixes.0");
  });

  test("a default that is longer than the longest", () => {
    expect(problem({ default_validity_seconds: 61, max_validity_seconds: 60 })).toBe("spec.default_validity_seconds");
    expect(problem({ default_validity_seconds: 60, max_validity_seconds: 60 })).toBeUndefined();
  });

  test("right ones pass", () => {
    expect(
      problem({
        allowed_ip_cidrs: ["0.0.0.0/0", "::/0", "10.0.0.1/32"],
        allowed_uri_prefixes: ["https://a", "spiffe://a/"],
      }),
    ).toBeUndefined();
  });
});
