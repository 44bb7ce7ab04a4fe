/** `trstctl audit export --to`: the whole log as files that verify without the host. */
import { Option } from "commander";
import { checkpointOperations } from "#shared/contracts/api/checkpoints";
import { Failure } from "#shared/kernel/failure";
import { parseVerifierKey } from "#shared/tlog/signed-note";
import type { Api } from "./api-client.ts";
import { type ArchiveReport, verifyArchive } from "./archive/verify.ts";
import { fromTheBeginning, type Start, writeArchive } from "./archive/write.ts";
import { archiveText } from "./audit-verify.ts";
import type { Variant } from "./commands-from-contract.ts";
import { json } from "./output.ts";
import type { Terminal } from "./terminal.ts";

export const exportTo = (connect: () => Promise<Api>, terminal: Terminal): Variant => ({
  option: new Option("--to <directory>", "the log up to the newest checkpoint, as files for `audit verify --offline`"),
  async run(directory, options) {
    const { report, key } = await writeVerified(await connect(), directory);
    terminal.out(options["output"] === "json" ? json({ ...report, verifier_key: key }) : archiveText(report));
    terminal.note(`verified with ${key}\nkeep that key apart from ${directory}`);
  },
});

/** Written, read again and verified. @throws Failure `corrupt` */
export async function writeVerified(
  api: Api,
  directory: string,
  start: Start = fromTheBeginning,
  last?: number,
): Promise<{ readonly report: ArchiveReport; readonly key: string }> {
  await writeArchive(api, directory, start, last);
  const { method, path, response } = checkpointOperations.key;
  const { verifier_key: key } = response.parse(await api({ method, path }));
  const report = await verifyArchive(directory, parseVerifierKey(key));
  if (!report.holds)
    throw new Failure("corrupt", `what was written to ${directory} does not verify:\n${archiveText(report)}`);
  return { report, key };
}
