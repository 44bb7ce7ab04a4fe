/** A worker as its parent has it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../../toolchain/runtime.mjs";
import type { Answer, Ask, Doom, Refusal, Start } from "./messages.ts";

const program = fileURLToPath(new URL("worker.ts", import.meta.url));

/** It died with the question. */
export class Gone extends Error {
  override readonly name = "Gone";
}

export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  constructor({ code, message }: Refusal) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

type Question =
  Extract<Ask, { readonly id: number }> extends infer Q ? (Q extends unknown ? Omit<Q, "id"> : never) : never;

export class Worker {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<unknown>;
  #ready: () => void = () => undefined;
  #questions = 0;
  alive = true;

  /** @param receive what the receiver makes of a delivery: undefined, or how it fails */
  constructor(start: Start, receive: (tenant: string, id: string) => Promise<string | undefined>) {
    this.#child = fork(program, [JSON.stringify(start)], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, ".cache", "compile") },
    });
    this.#ended = once(this.#child, "exit").then(() => {
      this.alive = false;
      for (const { reject } of this.#asked.values()) reject(new Gone("the process is gone"));
      this.#asked.clear();
      this.#ready();
    });
    this.#child.on("message", (message) => void this.#hear(message as Answer, receive));
  }

  /** @returns when it answers questions */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      this.#ready = resolve;
    });
  }

  async #hear(answer: Answer, receive: (tenant: string, id: string) => Promise<string | undefined>): Promise<void> {
    if ("ready" in answer) this.#ready();
    else if ("deliver" in answer) {
      const { n, tenant, id } = answer.deliver;
      const failed = await receive(tenant, id);
      this.#tell(failed === undefined ? { delivered: n } : { delivered: n, failed });
    } else {
      const asked = this.#asked.get(answer.id);
      this.#asked.delete(answer.id);
      if (answer.error === undefined) asked?.resolve(answer.value);
      else asked?.reject(new Refused(answer.error));
    }
  }

  /** @throws Gone, Refused */
  ask(question: Question): Promise<unknown> {
    const id = ++this.#questions;
    if (!this.alive) return Promise.reject(new Gone("the process is gone"));
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#tell({ ...question, id } as Ask);
    });
  }

  /** At which call it kills itself; undefined: at none. */
  doom(doom: Doom | undefined): void {
    this.#tell({ doom: doom ?? null });
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** To one that is dying nothing can be said. */
  #tell(message: Ask): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
