/** Before the first suite (vitest's globalSetup): every tool is there and has said its version, or nothing runs. */
import { tools } from "./tools/registry.ts";
import { directoryOf, install } from "./tools/tool.ts";

export default async function installTools(): Promise<void> {
  for (const tool of tools) {
    const version = await install(tool);
    process.stdout.write(`${tool.name} ${version} (${directoryOf(tool)})\n`);
  }
}
