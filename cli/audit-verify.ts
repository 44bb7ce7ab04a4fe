/** `trstctl audit verify`: recomputes the chain here, from the host, from a saved export, or offline from its directory. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import * as z from "zod";
import { linkHash } from "#events/log/chain";
import { auditOperations } from "#shared/contracts/api/audit";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { Checkpoint } from "#shared/tlog/checkpoint";
import { parseVerifierKey, type VerifierKey } from "#shared/tlog/signed-note";
import { pagesOf, type Api } from "./api-client.ts";
import { openCheckpoint } from "./archive/check-checkpoints.ts";
import { archiveText } from "./archive/text.ts";
import { verifyArchive } from "./archive/verify.ts";
import { UsageError } from "./failures.ts";
import type { Row } from "./output.ts";
import { whileBusy } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";
import { checkChain, type ChainReport } from "./verify-chain.ts";

const page = auditOperations.export.response;

export function addAuditVerify(audit: Command, connect: () => Promise<Api>, terminal: Terminal): void {
  const command = audit
    .command("verify")
    .description("Recompute every hash of the event log here and compare it with the heads")
    .option("--from <file|->", "a saved `audit export --all --output json` instead of the host")
    .option("--offline <directory>", "an `audit export --to` or an archive: no host, only its files and --key")
    .option("--key <key|file>", "with --offline: the verifier key that `audit key` shows, from a source you trust")
    .option("--against <file...>", "with --offline: checkpoints that you kept, to show a rollback or a fork")
    .action(async () => {
      const options: Row = command.optsWithGlobals();
      if (options["offline"] !== undefined) return verifyOffline(options, terminal);
      for (const flag of ["key", "against"])
        if (options[flag] !== undefined) throw new UsageError(`--${flag} goes with --offline`);
      const check = checkChain(linkHash, sha256Hex);
      for await (const part of sourceOf(options["from"], connect, terminal)) check.page(parsed(part));
      const report = check.report();
      const text = (await viewOf(options)).text(report);
      if (text !== undefined) terminal.out(text);
      else show(report, terminal);
      if (!report.holds)
        throw new Failure(
          "corrupt",
          "the audit chain does not hold: the log was changed after it was written, or it is damaged. Keep a copy of the data directory as it is, and compare with a backup",
        );
    });
}

async function verifyOffline(options: Row, terminal: Terminal): Promise<void> {
  const [directory, key, against, from] = [options["offline"], options["key"], options["against"], options["from"]];
  if (from !== undefined) throw new UsageError("--from and --offline: give one of them");
  if (typeof key !== "string")
    throw new UsageError("--offline needs --key: what `trstctl audit key` showed, kept apart from the export");
  const verifier = await verifierKey(key);
  const kept = await Promise.all(
    (Array.isArray(against) ? against : []).map((file) => keptCheckpoint(String(file), verifier)),
  );
  const report = await whileBusy(terminal, "reading the archive", () =>
    verifyArchive(String(directory), verifier, kept),
  );
  terminal.out((await viewOf(options)).text(report) ?? archiveText(report));
  if (!report.holds)
    throw new Failure(
      "corrupt",
      `${String(directory)} does not hold: ${report.faults.length} thing${report.faults.length === 1 ? "" : "s"} wrong, named above`,
    );
}

/** As it is, or in a file. @throws UsageError */
async function verifierKey(text: string): Promise<VerifierKey> {
  try {
    return parseVerifierKey(text.includes("+") ? text : (await readFile(text, "utf8")).trim());
  } catch (error) {
    throw new UsageError(`--key ${text}: ${(error as Error).message}`, { cause: error });
  }
}

async function keptCheckpoint(name: string, key: VerifierKey): Promise<Checkpoint & { readonly name: string }> {
  try {
    return { name, ...(await openCheckpoint(await readFile(name, "utf8"), key)) };
  } catch (error) {
    throw new UsageError(`--against ${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws UsageError when the file is not an export */
async function* sourceOf(from: unknown, connect: () => Promise<Api>, terminal: Terminal): AsyncGenerator<unknown> {
  if (typeof from !== "string") {
    const { method, path } = auditOperations.export;
    yield* pagesOf(await connect(), { method, path, query: { limit: "1000" } });
    return;
  }
  try {
    yield JSON.parse(from === "-" ? await terminal.input() : await readFile(from, "utf8"));
  } catch (error) {
    throw new UsageError(`--from ${from}: ${(error as Error).message}`, { cause: error });
  }
}

function parsed(part: unknown): z.output<typeof page> {
  const result = page.safeParse(part);
  if (result.success) return result.data;
  throw new Failure("malformed", `this is no audit export: ${z.prettifyError(result.error).split("\n")[0] ?? ""}`);
}

function show(report: ChainReport, terminal: Terminal): void {
  const pruned = report.pruned > 0 ? ` (${report.pruned} pruned)` : "";
  const extent = `tenant ${report.tenant ?? "-"}: ${report.events} events${pruned} in ${report.lanes} lanes`;
  if (report.holds) terminal.out(`${extent}: the chain holds`);
  else
    terminal.out(
      [
        `${extent}: the chain is broken`,
        ...report.faults.map(({ lane, sequence, problem }) => `  lane ${lane}, sequence ${sequence}: ${problem}`),
      ].join("\n"),
    );
  if (report.appended > 0)
    terminal.note(`${report.appended} more came while this was read; run it again to cover them`);
}
