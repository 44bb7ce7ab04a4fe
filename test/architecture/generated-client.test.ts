import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "#shared/contracts/openapi";
import { root } from "../../toolchain/runtime.mjs";
import { generateClient, typeOf } from "../../toolchain/generate-client.ts";

describe("the console's client", () => {
  it("is the one that the OpenAPI document makes (else: npm run generate)", () => {
    const made = generateClient(openApiDocument() as unknown as Parameters<typeof generateClient>[0]);
    expect(readFileSync(join(root, "web", "api", "generated.ts"), "utf8")).toBe(made);
  });

  it("refuses a schema that it does not know how to say", () => {
    expect(() => typeOf({ type: "tuple" })).toThrow("tuple");
    expect(typeOf({ type: ["string", "null"] })).toBe("string | null");
    expect(typeOf({ type: "array", items: { enum: ["a", 1] } })).toBe('readonly ("a" | 1)[]');
  });
});
