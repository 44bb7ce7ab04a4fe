/** The signer's socket: frames in, frames out. */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { encodeFrame, frameWriter, readFrames } from "./client/frames.ts";
import { answer } from "./methods.ts";
import type { SignerService } from "./service.ts";

/** Listens on a Unix socket whose directory belongs to its owner alone (0700): Node has no SO_PEERCRED. */
export async function serveSigner(service: SignerService, socketPath: string): Promise<Server> {
  const server = createServer((socket: Socket) => {
    const send = frameWriter(socket);
    socket.on("error", () => socket.destroy());
    readFrames(socket, (frame) => {
      const { id } = frame.header;
      // It is said again in the answer, so nothing but a number.
      if (!Number.isSafeInteger(id) || (id as number) < 0) return void socket.destroy();
      void answer(service, frame).then(({ header, payload }) => {
        if (!socket.destroyed) send(encodeFrame({ id, ...header }, payload));
      });
    });
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}
