/** Writes `docs/cli.md` from the program itself: every command, its options, an example. Run by `npm run generate`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { exampleOf } from "#cli/examples";
import { programFor } from "#cli/program";
import { processTerminal } from "#cli/terminal";

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const helpOf = (command: Command) => {
  const help = command.createHelp();
  help.showGlobalOptions = false;
  return help;
};

const optionsOf = (command: Command): string[] => {
  const help = helpOf(command);
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help" && long !== "--version")
    .map((option) => [`- \`${help.optionTerm(option)}\``, help.optionDescription(option)])
    .map((parts) => parts.filter((part) => part !== "").join(": "));
};

function section(command: Command): string[] {
  const help = helpOf(command);
  const usage = help.commandUsage(command);
  const options = optionsOf(command);
  return [
    `### ${usage.replace(/ (\[options\]|<).*$/, "")}`,
    "",
    `${command.description()}.`,
    "",
    "```",
    usage,
    exampleOf(command) ?? "",
    "```",
    "",
    ...(options.length > 0 ? [...options, ""] : []),
  ];
}

/** @returns the text of `docs/cli.md` */
export async function cliPage(): Promise<string> {
  const program = await programFor([], processTerminal());
  const groups = Map.groupBy(program.commands, (group) => group.helpGroup().replace(/:$/, ""));
  return [
    "# The command line",
    "",
    "Made by `npm run generate` from the program. Do not edit. In a clone: `npx trstctl`. Below each command: how it is",
    "called, then an example. What `--output` and `--query` show and what the exit code says is in",
    "[operations](operations.md#what-the-cli-shows).",
    "",
    "Every command takes:",
    "",
    ...optionsOf(program),
    "",
    ...[...groups].flatMap(([heading, commands]) => [
      `## ${heading}`,
      "",
      ...commands.flatMap(leaves).flatMap(section),
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(join(import.meta.dirname, "..", "docs", "cli.md"), await cliPage());
