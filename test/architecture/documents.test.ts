/** The documents against the code: what they name exists, and what they must name is there. */
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { leadingProfile } from "#cli/leading-profile";
import { programFor } from "#cli/program";
import type { Terminal } from "#cli/terminal";
import { catalogue } from "#events/catalogue/catalogue";
import { hostConfig } from "#shared/contracts/config/host";
import { operations } from "#shared/contracts/operations";
import { permissions } from "#shared/contracts/permissions";
import { problemResponse } from "#shared/http/problem";
import { rules } from "#shared/pki/lint/registry";
import { everyCertificate, everyKind } from "#shared/pki/lint/rule";
import { Failure, failureCodes } from "#shared/kernel/failure";
import { tools } from "#test/interop/tools/registry";
import { cliPage } from "../../toolchain/generate-cli.ts";
import { root } from "../../toolchain/runtime.mjs";

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: root })].map(
  (path) => ({ path, text: readFileSync(join(root, path), "utf8") }),
);
const page = (path: string): string => pages.find((candidate) => candidate.path === path)?.text ?? "";

/** Cells of every row whose first cell matches, code marks taken off. */
const rows = (text: string, first: RegExp): string[][] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1")),
    )
    .filter(([cell = ""]) => first.test(cell));

/** Inline code, and every line of a code block. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].flatMap(([, block = ""]) => block.split("\n"));
  const inline = [...text.replaceAll(/^```\w*\n.*?^```$/gms, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
  return [...blocks, ...inline.map((code) => code.replaceAll("\n", " "))];
}

const folders = (below: string): string[] =>
  readdirSync(join(root, below), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.(?!ci$)|node_modules$|coverage$)/.test(entry.name))
    .map(({ name }) => `${below}${name}/`);

/** As a page's renderer makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const silent: Terminal = {
  environment: {},
  now: () => 0,
  out: () => undefined,
  note: () => undefined,
  input: () => Promise.resolve(""),
  interactive: false,
  confirm: () => Promise.resolve(false),
  sleep: () => Promise.resolve(),
};

describe("the documents", () => {
  it("describe every setting of the host, with its default, and no other", () => {
    const documented = rows(page("docs/operations.md"), /^TRSTCTL_/);
    const names = documented.map(([name = ""]) => name);
    const ofTheCli = ["TRSTCTL_PROFILE", "TRSTCTL_URL", "TRSTCTL_TOKEN", "TRSTCTL_CA_FILE"];
    expect(names.toSorted()).toEqual([...Object.keys(hostConfig.shape), ...ofTheCli].toSorted());
    for (const [name, value] of Object.entries(hostConfig.parse({})))
      if (value !== undefined) expect(documented).toContainEqual([name, String(value), expect.any(String)]);
  });

  it("have a row for every lint rule, and no other", () => {
    const kinds = (appliesTo: readonly string[]): string => {
      if (everyKind.every((kind) => appliesTo.includes(kind))) return "everything";
      return everyCertificate.every((kind) => appliesTo.includes(kind)) ? "every certificate" : appliesTo.join(", ");
    };
    const documented = rows(page("docs/lint.md"), /^[a-z]/).map((cells) => cells.join(" | "));
    const registered = rules.map(({ id, source, appliesTo, severity, effective }) =>
      [id, source, kinds(appliesTo), severity, effective].join(" | "),
    );
    expect(documented.toSorted()).toEqual(registered.toSorted());
  });

  it("name every tool of the interop suites, with its version, and no other", () => {
    const documented = rows(page("docs/interop.md"), /^(?!Tool$|-)/).map(([name, version]) => `${name} ${version}`);
    expect(documented).toEqual(tools.map(({ name, version }) => `${name} ${version}`));
  });

  it.each(["README.md", "CONTRIBUTING.md"])("%s names every folder", (path) => {
    const expected = [...folders(""), ...folders("shared/")].filter((folder) => folder !== "shared/");
    const named = codeOf(page(path));
    expect(expected.filter((folder) => !named.some((code) => code.startsWith(folder)))).toEqual([]);
  });

  it("name only files and folders that exist", () => {
    const wrong = pages.flatMap(({ path, text }) =>
      codeOf(text)
        .filter((code) => /^(\.ci|cli|docs|events|functions|infra|shared|signer|test|toolchain)\/[\w./-]*$/.test(code))
        .filter((code) => !existsSync(join(root, code)))
        .map((code) => `${path}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });

  it("link only to what is there", () => {
    const wrong = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, target = "", anchor]) => {
        const file = target === "" ? path : join(dirname(path), target);
        if (!existsSync(join(root, file))) return [`${path}: ${link}`];
        const anchors = [...page(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
        return anchor === undefined || anchors.includes(anchor) ? [] : [`${path}: ${link}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("mention only operations, events, permissions and destinations that there are", () => {
    const outbox = readFileSync(join(root, "functions", "outbox", "app.ts"), "utf8");
    const destinations = [...outbox.matchAll(/^ {2}"([a-z.]+)": /gm)].map(([, name = ""]) => name);
    const ids = operations.map(({ id }) => id);
    const known = new Set<string>([...ids, ...Object.keys(catalogue), ...permissions, ...destinations]);
    const starts = new Set([...known].map((name) => name.split(/[.:]/)[0]));
    const wrong = pages.flatMap(({ path, text }) =>
      codeOf(text)
        .filter((code) => starts.has(/^([a-z-]+)[.:][a-z.-]+$/.exec(code)?.[1]) && !/[.](ts|com)$/.test(code))
        .filter((code) => !known.has(code))
        .map((code) => `${path}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });

  it("mention only commands and options of the CLI that there are", async () => {
    const program = await programFor([], silent);
    const wrong = pages.flatMap(({ path, text: page }) =>
      codeOf(page)
        .flatMap((code) => [...code.matchAll(/\btrstctl ([^|;&]+)/g)].map(([, words = ""]) => words))
        .flatMap((text) =>
          unknownWords(program, leadingProfile(text.split(/\s+/)).words).map((word) => `${path}: ${word} in ${text}`),
        ),
    );
    expect(wrong).toEqual([]);
    expect(unknownWords(program, ["certificates", "isue", "--csr"])).toEqual(["isue", "--csr"]);
    expect(unknownWords(program, ["certificates", "issue", "--csr", "x", "--nope"])).toEqual(["--nope"]);
  });

  it("show the command line as it is (else: npm run generate)", async () => {
    expect(page("docs/cli.md")).toBe(await cliPage());
  });

  it("list the operations of the API as they are", () => {
    const documented = rows(page("docs/api.md"), /^(GET|POST|PUT|PATCH|DELETE)$/);
    expect(documented).toEqual(
      operations.map(({ method, path, id, permission, summary }) => [method, path, id, permission, summary]),
    );
  });

  it("list the problems of the API with their status", () => {
    const documented = rows(page("docs/api.md"), /^[a-z_]+$/).map(([code = "", status = ""]) => `${code} ${status}`);
    const real = failureCodes.map((code) => `${code} ${problemResponse(new Failure(code, "-"), "-").status}`);
    expect(documented.toSorted()).toEqual(real.toSorted());
  });

  it("say of every operation which capability it belongs to", () => {
    const text = page("docs/capabilities.md");
    expect(operations.filter(({ id }) => !text.includes(`\`${id}\``)).map(({ id }) => id)).toEqual([]);
  });
});

/** The words after `trstctl` that are no command where one is due, and no option; arguments and values are anybody's. */
function unknownWords(program: Command, words: readonly string[]): string[] {
  let command = program;
  const unknown: string[] = [];
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    const options = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
    if (next !== undefined) command = next;
    else if (word.startsWith("-") ? !options.includes(word) : command.commands.length > 0 && /^[a-z]/.test(word))
      unknown.push(word);
  }
  return unknown;
}
