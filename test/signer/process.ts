/** A signer in a process of its own, as the supervisor starts it, and its socket. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFrame, readFrames } from "#signer/client/frames";
import type { Entry } from "#signer/journal";
import { root } from "../../toolchain/runtime.mjs";

export interface SignerProcess extends AsyncDisposable {
  readonly socketPath: string;
  /** Everything in the journal, as it lies on the disk. */
  entries(): Entry[];
  /** One frame and the header of its answer, whatever the frame says. */
  exchange(header: object, payload?: Uint8Array): Promise<Readonly<Record<string, unknown>>>;
}

export async function startSignerProcess(): Promise<SignerProcess> {
  const directory = mkdtempSync(join(tmpdir(), "ts-"));
  const socketPath = join(directory, "s");
  const child = spawn(process.execPath, [join(root, "signer", "main.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      TRSTCTL_SIGNER_DIR: join(directory, "signer"),
      TRSTCTL_SIGNER_SOCKET: socketPath,
      TRSTCTL_KEK_FILE: join(directory, "config", "kek"),
    },
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]);
  if (child.exitCode !== null) throw new Error(`the signer ended with ${child.exitCode}`);
  return {
    socketPath,
    entries: () =>
      readFileSync(join(directory, "signer", "journal"), "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line.slice(64)) as Entry),
    async exchange(header, payload) {
      const socket = connect(socketPath);
      try {
        return await new Promise((resolve, reject) => {
          readFrames(socket, (frame) => resolve(frame.header));
          socket.on("error", reject);
          socket.on("close", () => reject(new Error("cut off")));
          socket.write(encodeFrame({ id: 1, ...header }, payload));
        });
      } finally {
        socket.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
