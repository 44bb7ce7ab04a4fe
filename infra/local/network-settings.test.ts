import { describe, expect, it } from "vitest";
import { hostConfig } from "#shared/contracts/config/host";
import { loadConfig } from "#shared/kernel/config";
import type { Mode } from "./profile.ts";
import { networkProblems } from "./network-settings.ts";

const start = (mode: Mode, settings: Readonly<Record<string, string>>) => () =>
  loadConfig(hostConfig, settings, [], [(config) => networkProblems(mode, config)]);

describe("what leaves the host", () => {
  it.each<Readonly<Record<string, string>>>([
    {},
    { TRSTCTL_RESOLVERS: "192.0.2.53, 2001:db8::53,[2001:db8::54]:53,192.0.2.54:53" },
    { TRSTCTL_EGRESS_CIDRS: "10.0.0.0/8,fd00:1::/32" },
    { TRSTCTL_CAA_IDENTITIES: "CA.example,pki.example" },
  ])("%j starts in both modes", (settings) => {
    expect(start("up", settings)).not.toThrow();
    expect(start("serve", settings)).not.toThrow();
  });

  it.each([
    ["TRSTCTL_RESOLVERS", "dns.example"],
    ["TRSTCTL_RESOLVERS", "192.0.2.53:0"],
    ["TRSTCTL_RESOLVERS", "192.0.2.53:65536"],
    ["TRSTCTL_RESOLVERS", "[192.0.2.53]:53"],
    ["TRSTCTL_RESOLVERS", "2001:db8::53:"],
    ["TRSTCTL_RESOLVERS", "127.1"],
    ["TRSTCTL_EGRESS_CIDRS", "10.0.0.1/8"],
    ["TRSTCTL_EGRESS_CIDRS", "10.0.0.0"],
    ["TRSTCTL_EGRESS_CIDRS", "intranet"],
    ["TRSTCTL_CAA_IDENTITIES", "https://ca.example"],
    ["TRSTCTL_CAA_IDENTITIES", "*.ca.example"],
    ["TRSTCTL_TEST_VALIDATION_PORTS", "5002"],
    ["TRSTCTL_TEST_VALIDATION_PORTS", "http=0,tls=5001"],
    ["TRSTCTL_TEST_VALIDATION_PORTS", "http=5002,tls=70000"],
  ])("%s=%s stops the start", (name, value) => {
    expect(start("up", { [name]: value })).toThrow(name);
  });

  it.each([
    ["TRSTCTL_RESOLVERS", "127.0.0.1:8053"],
    ["TRSTCTL_TEST_VALIDATION_PORTS", "http=5002,tls=5001"],
    ["TRSTCTL_TEST_VALIDATION_PORTS", "http=80,tls=443"],
  ])("%s=%s is for tests: `up` takes it, `serve` does not", (name, value) => {
    expect(start("up", { [name]: value })).not.toThrow();
    expect(start("serve", { [name]: value })).toThrow(name);
  });
});
