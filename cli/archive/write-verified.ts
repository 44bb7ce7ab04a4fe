/** Writes an archive and verifies it from the disk, as whoever gets it later will. */
import { checkpointOperations } from "#shared/contracts/api/checkpoints";
import { Failure } from "#shared/kernel/failure";
import { parseVerifierKey } from "#shared/tlog/signed-note";
import type { Api } from "../api-client.ts";
import { archiveText } from "./text.ts";
import { type ArchiveReport, verifyArchive } from "./verify.ts";
import { fromTheBeginning, type Start, writeArchive } from "./write.ts";

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
