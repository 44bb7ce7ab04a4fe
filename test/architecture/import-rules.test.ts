import { describe, expect, it } from "vitest";
import { importViolations, ruleNames } from "../../toolchain/imports.mjs";
import { root } from "../../toolchain/runtime.mjs";
import { PlantedTree } from "./planted-tree.ts";

/** What every planted tree holds for the violators to import. */
const ground = {
  "shared/kernel/ids.ts": "export const id = 1;\n",
  "shared/crypto/hash.ts": "export const hash = 1;\n",
  "shared/contracts/event.ts": "export const event = 1;\n",
  "shared/domain/certificate.ts": "export const certificate = 1;\n",
  "shared/pki/csr.ts": "export interface Csr {}\nexport const csr = 1;\n",
  "shared/ports/table.ts": "export const table = 1;\n",
  "shared/usecases/issue.ts": "export const issue = 1;\n",
  "shared/integrations/ca.ts": "export const ca = 1;\n",
  "events/log.ts": "export const log = 1;\n",
  "signer/journal.ts": "export const journal = 1;\n",
  "signer/client/signer-client.ts": "export const client = 1;\n",
  "functions/acme/app.ts": "export const app = 1;\n",
  "functions/registry.ts": "export const registry = 1;\n",
  "infra/local/wake.ts": "export const wake = 1;\n",
  "toolchain/runtime.mjs": "export const pin = 1;\n",
  "test/vectors/rfc5280.ts": "export const vector = 1;\n",
  "events/log.test.ts": "export const helper = 1;\n",
};

/** For each rule, in the order of .dependency-cruiser.mjs: the file that breaks it, and what it imports. */
const planted: readonly (readonly [file: string, imports: string, when?: "at run time"])[] = [
  ["shared/kernel/bad.ts", "#shared/crypto/hash"],
  ["shared/crypto/bad.ts", "#shared/pki/csr"],
  ["shared/contracts/bad.ts", "#shared/domain/certificate"],
  ["shared/pki/bad.ts", "#shared/domain/certificate"],
  ["shared/tlog/bad.ts", "#shared/ports/table"],
  ["shared/domain/bad.ts", "#shared/ports/table"],
  ["shared/ports/bad.ts", "#shared/crypto/hash"],
  ["shared/ports/bad-value.ts", "#shared/pki/csr"],
  ["shared/policy/bad.ts", "#shared/pki/csr"],
  ["shared/usecases/bad.ts", "#events/log"],
  ["shared/http/bad.ts", "#shared/usecases/issue"],
  ["shared/integrations/bad.ts", "#shared/domain/certificate"],
  ["shared/adapters/bad.ts", "#shared/usecases/issue"],
  ["events/bad.ts", "#shared/integrations/ca"],
  ["events/bad-value.ts", "#shared/pki/csr"],
  ["events/outbox/bad.ts", "#shared/usecases/issue"],
  ["events/outbox/bad-value.ts", "#shared/pki/csr"],
  ["signer/bad.ts", "#events/log"],
  ["signer/client/bad.ts", "#signer/journal"],
  ["shared/utils/bad.ts", "#shared/kernel/ids"],
  ["functions/est/bad.ts", "#signer/journal"],
  ["functions/est/bad-sibling.ts", "#functions/acme/app"],
  ["functions/signer/bad.ts", "#infra/local/wake"],
  ["web/bad.ts", "../shared/kernel/ids.ts"],
  ["cli/bad-infra.ts", "#infra/local/wake"],
  ["test/contract/bad.ts", "#events/log.test"],
  ["infra/local/bad-test.ts", "#test/vectors/rfc5280"],
  ["infra/local/bad-toolchain.ts", "../../toolchain/runtime.mjs"],
  ["signer/bad-crypto.ts", "node:crypto"],
  ["functions/est/bad-network.ts", "node:dns"],
  ["cli/bad-dynamic.ts", "node:net", "at run time"],
  ["shared/contracts/bad-node.ts", "node:fs"],
  ["events/bad-cycle.ts", "./bad-cycle.ts"],
  ["events/bad-path.ts", "#shared/kernel/nowhere"],
  ["events/bad-package.ts", "vitest"],
];

/** Imports that are right and must stay so. */
const allowed = {
  "shared/ports/signer.ts": 'import type { Csr } from "#shared/pki/csr";\nexport interface Signer {\n  csr: Csr;\n}\n',
  "shared/adapters/hmac.ts": 'import "node:crypto";\n',
  "shared/adapters/local/egress.ts": 'import "node:tls";\n',
  "signer/keys/sealed.ts": 'import "node:crypto";\n',
  "signer/main.ts": 'import "../toolchain/runtime.mjs";\nimport "#shared/ports/table";\n',
  "events/outbox/deliver.ts": 'import "#shared/integrations/ca";\nimport "#events/log";\n',
  "functions/api/app.ts":
    'import "#shared/usecases/issue";\nimport "#events/log";\nimport "#signer/client/signer-client";\nimport "hono";\n',
  "functions/signer/app.ts": 'import "#signer/journal";\n',
  "infra/local/host.ts": 'import "#functions/registry";\nimport "../../toolchain/runtime.mjs";\n',
  "functions/api/app.test.ts": 'import "#infra/local/wake";\nimport "vitest";\n',
  "cli/main.ts": 'import "#shared/contracts/event";\n',
};

describe("the import rules", async () => {
  const violators = Object.fromEntries(
    planted.map(([file, imports, when]) => [
      file,
      when === undefined ? `import "${imports}";\n` : `export const module = import("${imports}");\n`,
    ]),
  );
  using tree = new PlantedTree({ ...ground, ...allowed, ...violators });
  const { violations } = await importViolations(tree.folder);

  it("are each broken by one planted file", () => {
    expect(planted).toHaveLength(ruleNames.length);
  });

  it.each(ruleNames.map((rule, index) => [rule, planted[index]?.[0]]))("fire: %s (%s)", (rule, file) => {
    expect(violations.filter((violation) => violation.from === file).map((violation) => violation.rule)).toContain(
      rule,
    );
  });

  it("refuse nothing that is allowed", () => {
    expect(violations.filter(({ from }) => from in allowed || from in ground)).toEqual([]);
  });

  it("hold in this repository, all of which they see", async () => {
    const real = await importViolations(root);
    expect(real.modules).toBeGreaterThan(30);
    expect(real.violations).toEqual([]);
  });
});
