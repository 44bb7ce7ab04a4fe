/** The command tree. */
import { readFileSync } from "node:fs";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { completionScript, shells, type Shell } from "./completion.ts";
import { hostExamples, showExample } from "./examples.ts";
import { exitCodes, renderFailure } from "./failures.ts";
import { addHostCommands } from "./host-commands.ts";
import { forProfile, leadingProfile } from "./leading-profile.ts";
import { addLogin } from "./login/commands.ts";
import { addProfiles } from "./profiles/commands.ts";
import { parseQuery, type Query } from "./query.ts";
import type { Terminal } from "./terminal.ts";
import { formats } from "./view.ts";

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string })
    .version;

/** @throws InvalidArgumentError with where it goes wrong */
function query(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** @param words decides what must be loaded: commands of the host do without the API's contract */
export async function programFor(words: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command("trstctl")
    .description("The control plane for every credential that is not a human's.")
    .usage("[--profile <name>] [options] <command>")
    .version(version())
    .addOption(new Option("-o, --output <format>", "how the answer is shown").choices(formats).default("table"))
    .addOption(new Option("--query <path>", "a part of the answer, e.g. items[*].id or [0]").argParser(query))
    .option("--verbose", "show where a failure comes from")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.note(text),
      outputError: (text, write) => write(`trstctl: ${text.replace(/^error: /, "")}`),
    })
    .showHelpAfterError("(--help shows what there is)")
    .addHelpCommand(
      new Command("help").argument("[command]").description("the same as --help").helpGroup("On the host:"),
    )
    .exitOverride();
  addHostCommands(program, terminal);
  program.commandsGroup("Which server:");
  addLogin(program, terminal);
  addProfiles(program, terminal);
  program
    .command("completion")
    .helpGroup("On the host:")
    .description("Print a script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>").choices(shells))
    .action(async (shell: Shell) => terminal.out(completionScript(shell, await programFor([], terminal))));
  const onHost = program.commands.some((command) => command.name() === words.find((word) => !word.startsWith("-")));
  if (!onHost) {
    const [{ operations }, { addApiCommands, connect }, { addAuditVerify }, { exportTo }, { pruneBefore }] =
      await Promise.all([
        import("#shared/contracts/operations"),
        import("./commands-from-contract.ts"),
        import("./audit-verify.ts"),
        import("./audit-export.ts"),
        import("./audit-prune.ts"),
      ]);
    program.commandsGroup("Of the API:");
    addApiCommands(program, operations, terminal, {
      "audit.export": exportTo(() => connect(terminal), terminal),
      "audit.prune": pruneBefore(() => connect(terminal), terminal),
    });
    const audit = program.commands.find((command) => command.name() === "audit");
    if (audit !== undefined) addAuditVerify(audit, () => connect(terminal), terminal);
  }
  for (const [path, line] of Object.entries(hostExamples)) {
    const command = path
      .split(" ")
      .reduce<Command | undefined>((at, name) => at?.commands.find((below) => below.name() === name), program);
    if (command !== undefined) showExample(command, line);
  }
  for (const group of program.commands)
    if (group.commands.length > 0)
      group.helpCommand(false).description(group.commands.map((command) => command.name()).join(", "));
  return program;
}

/** @param words what stands after `trstctl` */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const asked = leadingProfile(words);
    const program = await programFor(asked.words, forProfile(terminal, asked.profile));
    await program.parseAsync(asked.words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    // commander has said it already; help and version come as errors with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { message, exitCode } = renderFailure(error, words.includes("--verbose"));
    terminal.note(message);
    return exitCode;
  }
}
