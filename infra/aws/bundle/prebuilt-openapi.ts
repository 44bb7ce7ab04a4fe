/**
 * The OpenAPI document as data: in a bundle it is there already, so that no function carries what makes JSON Schema of zod's
 * schemas, an eighth of zod's size twice over. It is made here, by the same code that makes it elsewhere.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { openApiDocument } from "#shared/contracts/openapi";

export const prebuiltOpenApi: Plugin = {
  name: "prebuilt OpenAPI document",
  setup(build) {
    build.onResolve({ filter: /^#shared\/contracts\/openapi$/ }, () => ({ path: "openapi", namespace }));
    build.onLoad({ filter: /^openapi$/, namespace }, () => ({
      contents: `const document = JSON.parse(${JSON.stringify(JSON.stringify(openApiDocument()))});
        export const openApiDocument = () => document;`,
      loader: "js",
    }));
    build.onLoad({ filter: /\/zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/ }, async ({ path }) => ({
      contents: withoutBodies(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};

const namespace = "prebuilt-openapi";

/** The same exports, each of which refuses: zod calls them when somebody asks a schema for its JSON Schema. */
function withoutBodies(source: string): string {
  const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = ""]) => name);
  const aliases = [...source.matchAll(/^export \{ \w+ as (\w+) \};$/gm)].map(([, name = ""]) => name);
  const refuse = `const refuse = () => { throw new Error("no JSON Schema in a bundle: see infra/aws/bundle/prebuilt-openapi.ts"); };`;
  return [refuse, `export { ${[...names, ...aliases].map((name) => `refuse as ${name}`).join(", ")} };`].join("\n");
}
