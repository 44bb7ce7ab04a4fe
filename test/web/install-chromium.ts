/** Before the first suite (vitest's globalSetup): Debian's Chromium is there and has said its version, or nothing runs. */
import { debianProgram } from "#test/interop/tools/debian-program";
import { install } from "#test/interop/tools/tool";

export const chromium = debianProgram("Chromium", "chromium");

export default async function installChromium(): Promise<void> {
  process.stdout.write(`${chromium.name} ${await install(chromium)}\n`);
}
