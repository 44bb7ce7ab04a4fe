import { describe, expect, test } from "vitest";
import * as z from "zod";
import { hostConfig } from "#shared/contracts/config/host";
import { loadConfig } from "./config.ts";

const schema = z.object({
  TRSTCTL_A: z.string().min(3),
  TRSTCTL_B: z.coerce.number().int().default(7),
  TRSTCTL_C: z.string().optional(),
});

const problems = (environment: Record<string, string | undefined>, others: string[] = []): string[] => {
  try {
    loadConfig(schema, environment, others);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: "misconfigured" });
    return (error as Error).message.split("\n").slice(1);
  }
};

describe("loadConfig", () => {
  test("reads a name of the platform's that the schema lists, and no other one", () => {
    const withRegion = schema.extend({ AWS_REGION: z.string().optional() });
    const environment = { TRSTCTL_A: "abc", AWS_REGION: "eu-central-1", AWS_PROFILE: "x" };
    expect(loadConfig(withRegion, environment)).toEqual({ TRSTCTL_A: "abc", TRSTCTL_B: 7, AWS_REGION: "eu-central-1" });
  });

  test("gives what was set, and defaults for the rest", () => {
    expect(loadConfig(schema, { TRSTCTL_A: "abc", PATH: "/bin" })).toEqual({ TRSTCTL_A: "abc", TRSTCTL_B: 7 });
    expect(loadConfig(schema, { TRSTCTL_A: "abc", TRSTCTL_B: "8", TRSTCTL_C: "" })).toEqual({
      TRSTCTL_A: "abc",
      TRSTCTL_B: 8,
    });
  });

  test("names every problem at once", () => {
    const found = problems({ TRSTCTL_A: "x", TRSTCTL_B: "many", TRSTCTL_D: "1", TRSTCTL_E: "2" });
    expect(found).toHaveLength(4);
    for (const name of ["TRSTCTL_A", "TRSTCTL_B", "TRSTCTL_D", "TRSTCTL_E"])
      expect(found.filter((line) => line.includes(`- ${name}:`))).toHaveLength(1);
  });

  test("refuses an unknown name of ours, knows those of siblings and tools, and leaves others' alone", () => {
    expect(problems({ TRSTCTL_A: "abc", TRSTCTL_TYPO: "1" })).toHaveLength(1);
    expect(problems({ TRSTCTL_A: "abc", TRSTCTL_SIBLING: "1" }, ["TRSTCTL_SIBLING"])).toEqual([]);
    expect(problems({ TRSTCTL_A: "abc", TRSTCTL_TOKEN: "1", OTHER: "1", TRSTCTLX: "1" })).toEqual([]);
  });

  test("does not say what a value was", () => {
    expect(problems({ TRSTCTL_A: "x", TRSTCTL_B: "hunter2", TRSTCTL_D: "hunter2" }).join()).not.toContain("hunter2");
  });

  test("lists what a check finds beside what single fields get wrong, and hides wrong fields from the check", () => {
    const seen: unknown[] = [];
    const check = (config: object): string[] => {
      seen.push(config);
      return ["TRSTCTL_C: does not go with TRSTCTL_A"];
    };
    const load = () => loadConfig(schema, { TRSTCTL_A: "abc", TRSTCTL_B: "many" }, [], [check]);
    expect(load).toThrow(/TRSTCTL_B[^]*TRSTCTL_C: does not go with TRSTCTL_A/);
    expect(seen).toEqual([{ TRSTCTL_A: "abc", TRSTCTL_C: undefined }]);
  });

  test("something missing is a problem of its own", () => {
    expect(problems({})).toHaveLength(1);
  });
});

describe("the host's settings", () => {
  test.each([
    ["TRSTCTL_HTTPS_PORT", "65536"],
    ["TRSTCTL_HTTPS_PORT", "-1"],
    ["TRSTCTL_HTTPS_PORT", "https"],
    ["TRSTCTL_HTTP_PORT", "80.5"],
    ["TRSTCTL_REVOCATION_BASE_URL", "https://r.example.test"],
    ["TRSTCTL_REVOCATION_BASE_URL", "r.example.test"],
    ["TRSTCTL_PUBLIC_URL", "h.example.test"],
    ["TRSTCTL_PUBLIC_URL", "http://h.example.test"],
    ["TRSTCTL_PUBLIC_URL", "https://h.example.test/path"],
    ["TRSTCTL_PUBLIC_URL", "https://u:p@h.example.test"],
    ["TRSTCTL_RATE_PER_MINUTE", "0"],
    ["TRSTCTL_ACKNOWLEDGE_SAME_USER", "no"],
    ["TRSTCTL_LOG_LEVEL", "debug"],
  ])("%s=%s is refused", (name, value) => {
    expect(() => loadConfig(hostConfig, { [name]: value })).toThrow(name);
  });

  test("are complete without any", () => {
    expect(loadConfig(hostConfig, {})).toMatchObject({ TRSTCTL_HTTPS_PORT: 8443, TRSTCTL_HTTP_PORT: 8080 });
    expect(loadConfig(hostConfig, { TRSTCTL_HOSTNAMES: "A.test, b.test," }).TRSTCTL_HOSTNAMES).toEqual([
      "a.test",
      "b.test",
    ]);
  });
});
