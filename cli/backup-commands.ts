/** Backup and restore: commands for the machine that the data directory is on, whether its host runs or not. */
import type { Command } from "commander";
import { detail, type Row } from "./output.ts";
import { whileBusy } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";

/** infra/local/backup/commands.ts, which is composition and not to be imported. */
interface BackupCommands {
  createKey(asked: Row): Row;
  create(asked: Row): Row;
  verify(asked: Row): Row;
  restore(asked: Row): Promise<Row>;
}

const commands = async (): Promise<BackupCommands> =>
  (await import(new URL("../infra/local/backup/commands.ts", import.meta.url).href)) as BackupCommands;

const keyOption = ["--key <file>", "the backup key; default: `backup-key` beside the key encryption key"] as const;

export function addBackupCommands(program: Command, terminal: Terminal): void {
  const backup = program.command("backup");
  const createKey = backup
    .command("create-key")
    .description("Make the key that backups are sealed with, once; keep a copy of it elsewhere")
    .option(...keyOption)
    .action(async () => {
      await show(createKey, (await commands()).createKey(asked(createKey)));
      terminal.note(
        "keep a copy away from this machine: without it no backup can be read, with it everything but keys",
      );
    });
  const create = backup
    .command("create")
    .description("Write a sealed backup of the data directory, while its host runs or not, and read it back")
    .requiredOption("--to <file|dir>", "a new file, or a directory that gets a file named by installation and time")
    .option(...keyOption)
    .action(async () => {
      const { create: write } = await commands();
      const report = await whileBusy(terminal, "writing the backup and reading it back", () =>
        write({ ...asked(create), version: program.version() }),
      );
      await show(create, report);
      const left = report["left_out"];
      if (Array.isArray(left) && left.length > 0)
        terminal.note(`not trstctl's, and so not in the backup: ${left.join(", ")}`);
    });
  const verify = backup
    .command("verify")
    .description("Read a backup to its end and check all of it; writes nothing")
    .requiredOption("--from <file>", "the backup")
    .option(...keyOption)
    .option("--kek <file>", "also open every private key with this key encryption key")
    .action(async () => {
      const { verify: read } = await commands();
      await show(verify, await whileBusy(terminal, "reading the backup", () => read(asked(verify))));
    });
  const restore = program
    .command("restore")
    .description("Restore a backup into an empty directory, after checking all of it")
    .requiredOption("--from <file>", "the backup")
    .requiredOption("--to <dir>", "the new data directory: empty or not there yet")
    .option(...keyOption)
    .action(async () => {
      const { restore: bring } = await commands();
      const report = await whileBusy(terminal, "checking the backup, then restoring it", () =>
        bring({ ...asked(restore), now: terminal.now() }),
      );
      await show(restore, report);
      terminal.note(
        `start it with TRSTCTL_DATA_DIR=${String(report["data_directory"])}, and only when the original runs no more: both would sign as one.\n` +
          `What was revoked, issued or granted after ${String(report["taken_at"])} is not in it: docs/dr.md says what to repeat`,
      );
    });

  const asked = (command: Command): Row => ({ ...command.opts(), environment: terminal.environment });
  async function show(command: Command, report: Row): Promise<void> {
    const view = await viewOf(command.optsWithGlobals(), { done: command !== verify });
    terminal.out(view.text(report) ?? detail(report));
  }
}
