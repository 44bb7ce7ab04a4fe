/** Holds the import rules of .dependency-cruiser.mjs against a tree. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import configuration from "../.dependency-cruiser.mjs";
import { root } from "./runtime.mjs";

const folders = [
  "shared",
  "events",
  "signer",
  "functions",
  "infra",
  "bridge",
  "agent",
  "cli",
  "web",
  "test",
  "toolchain",
];

// The visitor that dependency-cruiser builds on does not know `using` and throws at it.
const { Visitor } = createRequire(import.meta.url)("@swc/core/Visitor.js");
const visitKnownStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visitStatement(statement) {
  if (statement.type !== "UsingDeclaration") return visitKnownStatement.call(this, statement);
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
};

/**
 * The modules seen under `baseDir` and what they violate; a parser that sees nothing shows in the count.
 *
 * @param {string} baseDir
 * @returns {Promise<{modules: number, violations: {rule: string, from: string, to: string, instead: string}[]}>}
 */
export async function importViolations(baseDir) {
  const { forbidden, options } = configuration;
  const present = folders.filter((folder) => existsSync(join(baseDir, folder)));
  const { output } = await cruise(present, { ...options, baseDir, validate: true, ruleSet: { forbidden } });
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  return {
    modules: output.modules.filter(({ source }) => folders.some((folder) => source.startsWith(`${folder}/`))).length,
    violations: output.summary.violations.map(({ rule, from, to, cycle }) => ({
      rule: rule.name,
      from,
      to: cycle === undefined ? to : cycle.map(({ name }) => name).join(" → "),
      instead: comments.get(rule.name),
    })),
  };
}

/** @type {string[]} every rule's name */
export const ruleNames = configuration.forbidden.map(({ name }) => name);

async function main() {
  const { modules, violations } = await importViolations(root);
  for (const { rule, from, to, instead } of violations) {
    process.stdout.write(`${from} → ${to}\n  ${rule}. ${instead}\n`);
  }
  process.stdout.write(`${modules} modules, ${violations.length} violations\n`);
  process.exitCode = modules > 30 && violations.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
