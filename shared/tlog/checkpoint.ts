/** The body of a checkpoint (C2SP tlog-checkpoint): origin, size, root, a line each. Extension lines are not used. */
import { sha256Hex } from "#shared/crypto/hash";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { Tree } from "./proofs.ts";

export interface Checkpoint extends Tree {
  readonly origin: string;
}

/**
 * The name of a tenant's log, unique also across installations: it names the one key that ever speaks for it.
 * @param spki of that key
 */
export const originOf = (tenant: string, spki: Uint8Array): string =>
  `trstctl/${tenant}/${sha256Hex(spki).slice(0, 16)}`;

export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${base64(root)}\n`;

/** Exact: what it gives, formatted again, is the very text. @throws Failure `malformed` */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = ""] = text.split("\n");
  const checkpoint = { origin, size: Number(size), root: fromBase64(root) };
  if (
    origin === "" ||
    !Number.isSafeInteger(checkpoint.size) ||
    checkpoint.size < 0 ||
    checkpoint.root.length !== 32 ||
    formatCheckpoint(checkpoint) !== text
  )
    throw new Failure("malformed", "a checkpoint is three lines: origin, size, root");
  return checkpoint;
}
