import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";
import { PlantedTree } from "./planted-tree.ts";

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** What oxlint, with our configuration, says about a tree of these files: `file rule` for each finding. */
function findings(files: Readonly<Record<string, string>>): string[] {
  using tree = new PlantedTree(files);
  const folders = new Set(Object.keys(files).map((name) => name.split("/")[0] ?? name));
  const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json", ...folders], {
    cwd: tree.folder,
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  return diagnostics.map(({ filename, code }) => `${filename} ${code}`);
}

const floating = "typescript(no-floating-promises)";
const egressImport = "eslint(no-restricted-imports)";
const egressGlobal = "eslint(no-restricted-globals)";

/** One planted file for each thing the linter has to refuse. */
const refused = {
  "events/file-read.ts": {
    rule: floating,
    text: 'import { readFile } from "node:fs/promises";\nexport function f(): void {\n  readFile("x");\n}\n',
  },
  "events/sdk-send.ts": {
    rule: floating,
    text: 'import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";\nexport function f(): void {\n  new DynamoDBClient({}).send(new ListTablesCommand({}));\n}\n',
  },
  "events/own-promise.ts": {
    rule: floating,
    text: 'import { slow } from "#shared/domain/slow";\nexport function f(): void {\n  slow();\n}\n',
  },
  "events/handler.ts": {
    rule: "typescript(no-misused-promises)",
    text: "export function f(): void {\n  setTimeout(async () => {\n    await Promise.resolve();\n  }, 1);\n}\n",
  },
  "events/any.ts": {
    rule: "typescript(no-explicit-any)",
    text: "export const f = (x: any): string => String(x);\n",
  },
  "events/untyped.ts": {
    rule: "typescript(no-unsafe-assignment)",
    text: 'export const parsed: string = JSON.parse("1");\n',
  },
  "events/unused.ts": {
    rule: "eslint(no-unused-vars)",
    text: "export function f(): void {\n  const left = 1;\n}\n",
  },
  "events/console.ts": { rule: "eslint(no-console)", text: 'console.log("x");\nexport {};\n' },
  "events/fetch.ts": { rule: egressGlobal, text: 'export const f = () => fetch("https://x");\n' },
  "events/global-fetch.ts": {
    rule: "eslint(no-restricted-properties)",
    text: 'export const f = () => globalThis.fetch("https://x");\n',
  },
  "events/connect.ts": {
    rule: egressImport,
    text: 'import { connect } from "node:net";\nexport const f = () => connect(1);\n',
  },
  "events/namespace.ts": {
    rule: egressImport,
    text: 'import * as tls from "node:tls";\nexport const f = () => tls.connect(1);\n',
  },
  "events/resolve.ts": {
    rule: egressImport,
    text: 'import { promises } from "node:dns";\nexport const f = () => promises.resolve4("x");\n',
  },
  "signer/client/lookup.ts": {
    rule: egressImport,
    text: 'import { lookup } from "node:dns/promises";\nexport const f = () => lookup("x");\n',
  },
  "shared/usecases/datagram.ts": {
    rule: egressImport,
    text: 'import { createSocket } from "node:dgram";\nexport const f = () => createSocket("udp4");\n',
  },
  "cli/lookup.ts": {
    rule: egressImport,
    text: 'import dns from "node:dns";\nexport const f = () => dns.promises.lookup("x");\n',
  },
  "cli/request.ts": {
    rule: egressImport,
    text: 'import { request } from "node:http";\nexport const f = () => request("x");\n',
  },
  "events/global-crypto.ts": { rule: egressGlobal, text: "export const f = () => crypto.randomUUID();\n" },
  "events/focused.test.ts": {
    rule: "vitest(no-focused-tests)",
    text: 'import { expect, it } from "vitest";\nit.only("x", () => {\n  expect(1).toBe(1);\n});\n',
  },
  "events/skipped.test.ts": {
    rule: "vitest(no-disabled-tests)",
    text: 'import { expect, it } from "vitest";\nit.skip("x", () => {\n  expect(1).toBe(1);\n});\n',
  },
} as const;

const allowed = {
  "shared/domain/slow.ts": "export async function slow(): Promise<void> {\n  await Promise.resolve();\n}\n",
  "shared/contracts/name.ts": 'import * as z from "zod";\nexport const Name = z.string();\n',
  "shared/adapters/local/egress.ts":
    'import { connect } from "node:tls";\nexport const f = () => connect(1);\nexport const g = () => fetch("https://x");\n',
  "shared/adapters/local/resolver.ts":
    'import { promises } from "node:dns";\nexport const f = () => promises.resolve4("x");\n',
  "shared/crypto/random.ts": "export const f = () => crypto.randomUUID();\n",
  "signer/client.ts": 'import { connect } from "node:net";\nexport const f = () => connect("/socket");\n',
  "cli/api.ts": 'import { request } from "node:https";\nexport const f = () => request("https://x");\n',
  "infra/local/listen.ts":
    'import type { Socket } from "node:net";\nexport const f = (socket: Socket) => socket.destroy();\n',
};

describe("the linter", () => {
  const texts = Object.entries(refused).map(([name, { text }]) => [name, text] as const);
  const found = findings({ ...allowed, ...Object.fromEntries(texts) });

  it.each(Object.entries(refused))("refuses %s", (name, { rule }) => {
    expect(found).toContain(`${name} ${rule}`);
  });

  it("refuses nothing in files that may do what they do", () => {
    expect(found.filter((finding) => finding.split(" ")[0]! in allowed)).toEqual([]);
  });
});
