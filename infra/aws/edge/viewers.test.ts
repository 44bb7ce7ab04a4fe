/** The functions at the edge: in the language of their runtime, small, and what the short ones do. */
import { parse } from "acorn";
import { describe, expect, it } from "vitest";
import { openFunction, viewerSources } from "#test/edge/viewer";

describe("the functions at the edge", () => {
  it.each([...viewerSources])("%s is written in what its runtime has", (_, source) => {
    expect(Buffer.byteLength(source)).toBeLessThan(10_240);
    const allowed =
      /^(Program|(Function|Variable)Declaration|VariableDeclarator|Identifier|Literal|Property|(Call|Member|Binary|Logical|Unary|Update|Assignment|Array|Conditional|Object)Expression|(Return|If|Block|For|Expression)Statement)$/;
    const globals = new Set(["Math", "Date", "decodeURIComponent", "undefined"]);
    const declared = new Set<string>();
    const used = new Set<string>();
    const walk = (
      node: unknown,
      parent?: { type: string; property?: unknown; key?: unknown; computed?: boolean },
    ): void => {
      if (Array.isArray(node)) for (const each of node) walk(each, parent);
      if (typeof node !== "object" || node === null || !("type" in node)) return;
      const typed = node as { type: string; name?: string; id?: { name: string }; param?: { name: string } };
      expect(typed.type).toMatch(allowed);
      if (typed.id) declared.add(typed.id.name);
      if (typed.param) declared.add(typed.param.name);
      for (const param of (typed as { params?: { name: string }[] }).params ?? []) declared.add(param.name);
      const named = parent?.type === "MemberExpression" ? parent.property : parent?.type === "Property" && parent.key;
      const property = named === node && parent?.computed === false;
      if (typed.type === "Identifier" && !property) used.add(typed.name ?? "");
      for (const child of Object.values(node)) walk(child, node as never);
    };
    walk(parse(source, { ecmaVersion: 2015, sourceType: "script" }).body);
    expect([...used].filter((name) => !declared.has(name) && !globals.has(name))).toEqual([]);
  });

  it("say who asks, whatever the viewer said of that", () => {
    const said = {
      "cloudfront-viewer-cert-pem": { value: "-----BEGIN" },
      "cloudfront-viewer-address": { value: "::1" },
    };
    const headers = { ...said, "x-trstctl-viewer-address": { value: "::1" }, accept: { value: "*/*" } };
    const request = openFunction("asked-viewer")({ method: "POST", uri: "/acme/x/new-order", headers });
    expect(request).toMatchObject({ method: "POST", uri: "/acme/x/new-order" });
    expect(request.headers).toEqual({
      accept: { value: "*/*" },
      "x-trstctl-viewer-address": { value: "192.0.2.1" },
    });
  });

  it("give every page of the console the same document, and files as they are", () => {
    const uriOf = (uri: string): string => openFunction("console-viewer")({ method: "GET", uri }).uri;
    for (const page of ["/", "/certificates", "/certificates/abc-01"]) expect(uriOf(page)).toBe("/index.html");
    for (const file of ["/assets/a-1b2c.js", "/icon.svg", "/index.html"]) expect(uriOf(file)).toBe(file);
  });
});
