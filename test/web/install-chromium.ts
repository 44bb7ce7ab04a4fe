/** Before the first suite (vitest's globalSetup): Debian's Chromium and what puts roots into stores is there, or nothing runs. */
import { debianProgram } from "#test/interop/tools/debian-program";
import { install } from "#test/interop/tools/tool";

export const chromium = debianProgram("Chromium", "chromium");
const others = [
  debianProgram("NSS", "certutil", "libnss3-tools"),
  debianProgram("ca-certificates", "/usr/sbin/update-ca-certificates", "ca-certificates"),
  debianProgram("curl", "curl"),
];

export default async function installChromium(): Promise<void> {
  for (const tool of [chromium, ...others]) process.stdout.write(`${tool.name} ${await install(tool)}\n`);
}
