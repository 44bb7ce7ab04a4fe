/** What is deployed: how large it is, and whose code is in it. Sizes are those of docs/aws.md. */
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lambdaFunctions } from "#functions/registry";
import { keptExceptions } from "#infra/aws/bundle/lean-sdk";
import { type Bundle, buildBundles } from "#infra/aws/bundles";
import { run } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";

/** Bytes that a cold start reads. Hot functions and the rest of what answers somebody; then what carries CMS. */
const hot = 650_000;
const cms = 1_200_000;
const startBudget: Readonly<Record<string, number>> = { est: cms, scep: cms, cmp: cms };
/** With what is loaded when it is asked for; the OpenAPI document, which is data, apart. */
const wholeBudget: Readonly<Record<string, number>> = { api: 800_000, ...startBudget };
const openApiDocument = "prebuilt-openapi:openapi";

const product = globSync("{shared,signer,functions,events}/**/*.ts", { cwd: root }).map((path) => join(root, path));

let into: string;
let bundles: ReadonlyMap<string, Bundle>;

beforeAll(async () => {
  into = mkdtempSync(join(tmpdir(), "bundles-"));
  bundles = new Map((await buildBundles(lambdaFunctions, into)).map((bundle) => [bundle.name, bundle]));
}, 180_000);
afterAll(() => rmSync(into, { recursive: true }));

const bundle = (name: string): Bundle => {
  const found = bundles.get(name);
  if (found === undefined) throw new Error(`no bundle ${name}`);
  return found;
};
const inputsOf = (name: string): string[] => Object.keys(bundle(name).inputs);

describe.each(lambdaFunctions.map(({ name, handler, ports }) => ({ name, handler, ports })))(
  "the bundle of $name",
  ({ name, handler, ports }) => {
    test("is within its budget", () => {
      const { startBytes, bytes, inputs } = bundle(name);
      expect(startBytes).toBeLessThanOrEqual(startBudget[name] ?? hot);
      expect(bytes - (inputs[openApiDocument] ?? 0)).toBeLessThanOrEqual(wholeBudget[name] ?? hot);
      expect(startBytes).toBeGreaterThan(100_000); // the SDK is in it
    });

    test("has no code of another function", () => {
      const own = handler.split("/")[0];
      const foreign = inputsOf(name).filter(
        (path) => /^functions\/[^/]+\//.test(path) && !new RegExp(`^functions/(lambda|${own})/`).test(path),
      );
      expect(foreign).toEqual([]);
      expect(inputsOf(name)).not.toContain("functions/registry.ts");
    });

    test("reaches what its registry entry says, and nothing else", () => {
      const reached = portAdapters.filter(([, path]) => inputsOf(name).includes(path)).map(([port]) => port);
      const declared = portAdapters
        .filter(
          ([port]) =>
            ports.some((one) => one === port || one.startsWith(`${port}-`)) || ownAdapters[name]?.includes(port),
        )
        .map(([port]) => port);
      expect(reached).toEqual(declared);
    });
  },
);

/** Reads a table that is no tenant's way in: the copy that a restore drill made, with its own role. */
const ownAdapters: Readonly<Record<string, readonly string[]>> = { "restore-check": ["table"] };

const portAdapters = [
  ["table", "shared/adapters/aws/table.ts"],
  ["directory", "shared/adapters/aws/directory.ts"],
  ["blob", "functions/lambda/parts/blob.ts"],
  ["public", "shared/adapters/aws/public-objects.ts"],
  ["signer", "shared/adapters/aws/signer.ts"],
  ["egress", "shared/adapters/local/egress.ts"],
  ["settings", "shared/adapters/aws/settings.ts"],
  ["secret", "shared/adapters/aws/host-secret.ts"],
  ["wakes", "shared/adapters/aws/wake-queues.ts"],
  ["providers", "shared/adapters/aws/sign-in-parameter.ts"],
] as const;

test("exceptions that product code knows by their class keep it", () => {
  const imported = product.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^import \{([^}]*)\} from "@aws-sdk\/client-/gm)].flatMap(
      ([, names = ""]) => names.split(",").map((name) => name.trim()),
    ),
  );
  const exceptions = imported.filter((name) => /^(?!type ).*(Exception|Fault|Error|NoSuch\w+|NotFound\w*)$/.test(name));
  expect([...new Set(exceptions)].toSorted()).toEqual([...keptExceptions].toSorted());
});

test("each loads in a process of its own, and exports its handler", async () => {
  const program = `for (const url of process.argv.slice(1)) {
    const { handler } = await import(url);
    if (typeof handler !== "function") throw new Error(url);
  }
  process.exit();`;
  const urls = [...bundles.values()].map(({ directory }) => pathToFileURL(join(directory, "index.mjs")).href);
  expect(urls).toHaveLength(lambdaFunctions.length);
  const { code, stderr } = await run(process.execPath, ["--input-type=module", "-e", program, ...urls]);
  expect([code, stderr]).toEqual([0, ""]);
});

test("only the signer's bundle has the signer", () => {
  const having = lambdaFunctions
    .map(({ name }) => name)
    .filter((name) => inputsOf(name).some((path) => path.startsWith("signer/") && !path.startsWith("signer/client/")));
  expect(having).toEqual(["signer"]);
});

test.each([
  ["revocation", /^shared\/pki\/(cmp|cms|scep)/],
  ["api", /^shared\/pki\/(cmp|scep)/],
  ["acme", /^shared\/pki\/(cmp|cms|scep)/],
  ["est", /^shared\/pki\/(cmp|scep)/],
  ["router", /^shared\/(pki|usecases)\//],
])("%s carries none of %s", (name, parsers) => {
  expect(inputsOf(name).filter((path) => parsers.test(path) && (bundle(name).inputs[path] ?? 0) > 0)).toEqual([]);
});
