/** `trstctl audit export --to`: the whole log as files that verify without the host. */
import { Option } from "commander";
import type { Api } from "./api-client.ts";
import { archiveText } from "./archive/text.ts";
import { writeVerified } from "./archive/write-verified.ts";
import type { Variant } from "./commands-from-contract.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";

export const exportTo = (connect: () => Promise<Api>, terminal: Terminal): Variant => ({
  option: new Option("--to <directory>", "the log up to the newest checkpoint, as files for `audit verify --offline`"),
  async run(directory, options) {
    const view = await viewOf(options, { done: true });
    const { report, key } = await writeVerified(await connect(), directory);
    terminal.out(view.text({ ...report, verifier_key: key }) ?? archiveText(report));
    terminal.note(`verified with ${key}\nkeep that key apart from ${directory}`);
  },
});
