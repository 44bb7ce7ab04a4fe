/** `trstctl audit verify`: reads the export and recomputes the chain here. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import * as z from "zod";
import { linkHash } from "#events/log/chain";
import { sha256Hex } from "#shared/crypto/hash";
import { auditOperations } from "#shared/contracts/api/audit";
import { Failure } from "#shared/kernel/failure";
import { pagesOf, type Api } from "./api-client.ts";
import { UsageError } from "./failures.ts";
import { json, type Row } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import { checkChain, type ChainReport } from "./verify-chain.ts";

const page = auditOperations.export.response;

export function addAuditVerify(audit: Command, connect: () => Promise<Api>, terminal: Terminal): void {
  const command = audit
    .command("verify")
    .description("Recompute every hash of the event log here and compare it with the heads")
    .option("--from <file|->", "a saved `audit export --all --output json` instead of the host")
    .action(async () => {
      const options: Row = command.optsWithGlobals();
      const check = checkChain(linkHash, sha256Hex);
      for await (const part of sourceOf(options["from"], connect, terminal)) check.page(parsed(part));
      const report = check.report();
      if (options["output"] === "json") terminal.out(json(report));
      else show(report, terminal);
      if (!report.holds)
        throw new Failure(
          "corrupt",
          "the audit chain does not hold: the log was changed after it was written, or it is damaged. Keep a copy of the data directory as it is, and compare with a backup",
        );
    });
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
  const extent = `tenant ${report.tenant ?? "-"}: ${report.events} events in ${report.lanes} lanes`;
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
