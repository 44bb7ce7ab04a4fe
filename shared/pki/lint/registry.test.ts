import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { goodLeaf, issuer } from "#test/lint/certificates";
import { lintTbsCertificate, rules } from "./registry.ts";

const folder = new URL(".", import.meta.url).pathname;

describe("the registry of lints", () => {
  it("has a line for each file, and each file one rule of its name", () => {
    const files = globSync(`${folder}/*/*.ts`).map((file) => basename(file, ".ts"));
    expect(files.toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
  });

  it.each(rules.map((rule) => [rule.id, rule] as const))(
    "%s says whence it is, whom it binds and since when",
    (_id, rule) => {
      expect(rule.source).toMatch(/^(RFC \d+ |CA\/B BR \d|trstctl profile )/);
      expect(rule.appliesTo.length).toBeGreaterThan(0);
      expect(new Date(rule.effective).toISOString().slice(0, 10)).toBe(rule.effective);
      expect(rule.id.startsWith("tls-")).toBe(rule.set === "cabf-tls");
    },
  );

  it("judges nothing by a rule that came later", () => {
    const early = { ...goodLeaf, notBeforeMs: Date.UTC(2001, 0, 1), version: 1, serialHex: "01" } as const;
    expect(lintTbsCertificate(early, { kind: "leaf", issuer })).toEqual([]);
    const findings = lintTbsCertificate({ ...early, notBeforeMs: Date.UTC(2010, 0, 1) }, { kind: "leaf", issuer });
    expect(findings.map(({ id }) => id)).toEqual(["version-3"]);
  });

  it("looks for warnings only when asked", () => {
    const twice = { ...goodLeaf, sans: [...goodLeaf.sans, ...goodLeaf.sans] };
    expect(lintTbsCertificate(twice, { kind: "leaf", issuer })).toEqual([]);
    expect(lintTbsCertificate(twice, { kind: "leaf", issuer }, { warnings: true })).toEqual([
      expect.objectContaining({ id: "san-unique", severity: "warning" }),
    ]);
  });
});
