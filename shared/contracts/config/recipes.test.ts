/** The examples of docs/sign-in.md are documents that a host would take. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../../toolchain/runtime.mjs";
import { checkSignIn } from "./sign-in.ts";

const blocks = [...readFileSync(join(root, "docs", "sign-in.md"), "utf8").matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text = ""]) => JSON.parse(text) as { readonly title?: string },
);

it("has some: one whole document and a provider for each recipe", () => {
  expect(blocks.map(({ title }) => title)).toEqual([undefined, "Entra ID", "Okta", "Google", "Keycloak", "Cognito"]);
});

it.each(blocks.map((block) => [block.title ?? "the whole document", block] as const))("%s", (_, block) => {
  expect(checkSignIn("providers" in block ? block : { providers: { idp: block } })).toHaveProperty("providers");
});
