/**
 * Bytes that must not outlive their use (I9): never a string, never in JSON, never in a log line.
 * The holder calls `wipe()`; `using` does it at the end of the block.
 */
export class SecretBytes implements Disposable {
  readonly #bytes: Uint8Array;
  #wiped = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws TypeError after `wipe()`. The result is a view: do not keep it. */
  reveal(): Uint8Array {
    if (this.#wiped) throw new TypeError("SecretBytes: already wiped");
    return this.#bytes;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }

  toJSON(): string {
    return "[secret]";
  }

  toString(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}
