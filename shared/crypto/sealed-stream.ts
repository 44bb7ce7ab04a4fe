/**
 * A long stream sealed in chunks, so that it is never held whole and every part is authentic before it is used (the STREAM
 * construction, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): AES-256-GCM, the nonce is the
 * chunk's number and whether it is the last. Chunks that are changed, missing, doubled, moved or cut off do not open.
 *
 * The key must be for this one stream: nonces repeat from stream to stream.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { Failure } from "#shared/kernel/failure";

const chunkBytes = 64 * 1024;
const tagBytes = 16;
const sealedBytes = chunkBytes + tagBytes;

function nonceOf(chunk: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, chunk);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

export interface SealedWriter {
  write(plaintext: Uint8Array): void;
  /** Without it the stream counts as cut off. */
  end(): void;
}

/**
 * @param aad what the stream is bound to @param put is given the sealed chunks in order and does not keep them
 * @throws RangeError beyond 2^32 chunks (256 TB)
 */
export function sealStream(key: Uint8Array, aad: Uint8Array, put: (sealed: Uint8Array) => void): SealedWriter {
  const pending = new Uint8Array(chunkBytes);
  let filled = 0;
  let chunk = 0;

  function flush(last: boolean): void {
    const cipher = createCipheriv("aes-256-gcm", key, nonceOf(chunk, last));
    cipher.setAAD(aad);
    put(cipher.update(pending.subarray(0, filled)));
    cipher.final();
    put(cipher.getAuthTag());
    filled = 0;
    chunk++;
    if (chunk > 0xffff_ffff) throw new RangeError("sealed stream: too long");
  }

  return {
    write(plaintext) {
      for (let at = 0; at < plaintext.length; ) {
        if (filled === chunkBytes) flush(false);
        const part = plaintext.subarray(at, at + chunkBytes - filled);
        pending.set(part, filled);
        filled += part.length;
        at += part.length;
      }
    },
    end() {
      flush(true);
      pending.fill(0);
    },
  };
}

/**
 * The plaintext, chunk by chunk, each authentic when it is given out; whether the stream is whole is known at its end.
 * @param read gives up to so many bytes, fewer only at the end
 * @throws Failure `corrupt` saying what is wrong and where
 */
export function* openStream(
  key: Uint8Array,
  aad: Uint8Array,
  read: (length: number) => Uint8Array,
): Generator<Uint8Array> {
  let sealed = read(sealedBytes);
  for (let chunk = 0; ; chunk++) {
    const next = sealed.length === sealedBytes ? read(sealedBytes) : new Uint8Array(0);
    const last = next.length === 0;
    const opened = openChunk(key, aad, sealed, nonceOf(chunk, last));
    if (opened === undefined) {
      const otherwise = openChunk(key, aad, sealed, nonceOf(chunk, !last)) !== undefined;
      throw new Failure("corrupt", otherwise ? wrongEnd(last) : damagedAt(chunk, last && sealed.length < sealedBytes));
    }
    yield opened;
    opened.fill(0);
    if (last) return;
    sealed = next;
  }
}

const wrongEnd = (last: boolean): string =>
  last ? "it is cut short: its end is missing" : "something was appended after its end";

const damagedAt = (chunk: number, short: boolean): string =>
  `it is damaged${short ? " or cut short" : ""} in the ${chunkBytes / 1024} KB after byte ${chunk * sealedBytes} of its contents`;

function openChunk(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array, nonce: Uint8Array): Uint8Array | undefined {
  if (sealed.length < tagBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}
