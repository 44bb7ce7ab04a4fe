/** The signer's process itself: what only its end can show. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spec } from "#test/signer/workshop";
import { connectSigner } from "./client/signer-client.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ts-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** @param shell what a shell does before it becomes the signer */
async function startSigner(shell: string) {
  const child = spawn("/bin/sh", ["-c", `${shell}; exec "$0" "$@"`, process.execPath, main], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      TRSTCTL_SIGNER_DIR: join(directory, "signer"),
      TRSTCTL_SIGNER_SOCKET: join(directory, "s"),
      TRSTCTL_KEK_FILE: join(directory, "config", "kek"),
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "exit") as Promise<[number | null]>;
  await Promise.race([once(child.stdout, "data"), ended]);
  return { child, ended, stderr: () => stderr };
}

test("ends when its journal cannot be written, after those who waited have heard; the next start goes on", async () => {
  const full = await startSigner("ulimit -f 16"); // 8 KiB for a file: as on a full disk
  const client = connectSigner(join(directory, "s"));
  const make = (n: number) => client.generateKey(spec({ handle: `root-${n}` }));
  let made = 0;
  const failure = await (async () => {
    for (; made < 100; made++) await make(made);
  })().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable", message: expect.stringMatching(/journal cannot be written/) });
  expect(made).toBeGreaterThan(3);
  await expect(client.health()).rejects.toMatchObject({ code: "unavailable" });
  expect((await full.ended)[0]).toBe(1);
  expect(full.stderr()).toMatch(/journal cannot be written; free space/);

  const { child, ended } = await startSigner("true");
  // The key file is from before the crash, its record is not: both are there now.
  for (let n = 0; n <= made; n++) await make(n);
  await client.health();
  child.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);

  rmSync(join(directory, "signer", "journal"));
  const without = await startSigner("true");
  expect((await without.ended)[0]).toBe(78);
  expect(without.stderr()).toMatch(/journal .* is missing while there are keys/);
  client.close();
}, 30_000);

test("waits for one that is still ending, so that the journal has one writer and the socket stays", async () => {
  const older = await startSigner("true");
  // Stopped in the middle of whatever it does: a supervisor that was killed may leave one behind like this.
  older.child.kill("SIGSTOP");
  older.child.stdin.end();
  const newer = startSigner("true");
  const early = await Promise.race([newer, new Promise((resolve) => setTimeout(resolve, 1_500, "waits"))]);
  expect(early).toBe("waits");
  older.child.kill("SIGCONT");
  expect((await older.ended)[0]).toBe(0);
  const { child, ended } = await newer;
  const client = connectSigner(join(directory, "s"));
  await client.health();
  client.close();
  child.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
});
