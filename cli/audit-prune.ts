/** `trstctl audit prune --before`: archives here, verifies what was written, and only then has the host remove it. */
import { resolve } from "node:path";
import { Option } from "commander";
import { checkpointOperations } from "#shared/contracts/api/checkpoints";
import { newId } from "#shared/crypto/random";
import type { Api } from "./api-client.ts";
import { archiveText } from "./archive/text.ts";
import { writeVerified } from "./archive/write-verified.ts";
import type { Variant } from "./commands-from-contract.ts";
import { UsageError } from "./failures.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";

export const pruneBefore = (connect: () => Promise<Api>, terminal: Terminal): Variant => ({
  option: new Option("--before <time>", "archive what is older to --archive <directory>, verify it, then prune it"),
  async run(before, options) {
    const archive = options["archive"];
    if (typeof archive !== "string")
      throw new UsageError("--before needs --archive <directory>, which must be empty or not there");
    if (Number.isNaN(Date.parse(before)))
      throw new UsageError(`--before ${before}: expected a time like 2026-01-01T00:00:00Z`);
    const view = await viewOf(options, { done: true });
    const api = await connect();
    const { prunable, prune } = checkpointOperations;
    const query = { before: new Date(before).toISOString() };
    const { from, to, events } = prunable.response.parse(
      await api({ method: prunable.method, path: prunable.path, query }),
    );
    if (to === null)
      return terminal.note(`nothing to prune: no checkpoint of before ${query.before} covers more than is pruned`);
    await confirmed(
      `${events} events of before ${to.time} will be archived to ${archive} and removed from the host`,
      options["yes"] === true,
      terminal,
    );
    const { report, key } = await writeVerified(api, archive, from, to.size);
    terminal.note(`${archiveText(report)}\nverified with ${key}`);
    const { method, path } = prune;
    const body = { size: to.size, archive: resolve(archive), digest: report.digest };
    const answer = prune.response.parse(await api({ method, path, body, idempotencyKey: newId(terminal.now()) }));
    terminal.out(
      view.text({ ...answer, first: from.size, events, verifier_key: key }) ??
        `${events} events are in ${archive} and pruned on the host: the log begins to be whole at ${answer.size}`,
    );
  },
});

/** @throws UsageError unless somebody said yes */
async function confirmed(what: string, yes: boolean, terminal: Terminal): Promise<void> {
  if (yes) return;
  if (!terminal.interactive)
    throw new UsageError(`${what}: this cannot be undone and nobody is here to ask: add --yes to do it`);
  if (!(await terminal.confirm(`${what}. Go on?`))) throw new UsageError("not confirmed, nothing was done");
}
