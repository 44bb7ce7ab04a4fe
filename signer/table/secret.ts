/**
 * 32 secret bytes that all processes of the signer share, wrapped as the keys are: the MAC over what is remembered and the
 * answers to wrong decryptions come from them. Made by whoever is first.
 */
import { deriveKey } from "#shared/crypto/hmac";
import { randomBytes } from "#shared/crypto/random";
import { utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SharedItems } from "#shared/ports/items";
import type { Binding, Wrapping } from "../keys/sealed-key.ts";
import { nobody } from "./record-item.ts";

export interface SignerSecret {
  /** Of the MAC over what is remembered. */
  readonly memory: Uint8Array;
  /** See `keys/key-transport.ts`. */
  readonly rejection: Uint8Array;
}

const key = { pk: "SECRET", sk: "-" } as const;
const binding: Binding = { tenant: nobody, purpose: "memory", text: utf8("trstctl/signer-secret/1") };

/** @throws Failure `unavailable`, `corrupt` when the wrapping key cannot or may not be used */
export async function openSecret(items: SharedItems, wrapping: Wrapping): Promise<SignerSecret> {
  let wrapped = (await items.get(key))?.body;
  if (wrapped === undefined) {
    const made = randomBytes(32);
    await items.put({ ...key, rev: 1, body: await wrapping.wrap(made, binding) }, "absent");
    made.fill(0);
    wrapped = (await items.get(key))?.body; // another process may have been first
  }
  if (wrapped === undefined) throw new Failure("corrupt", "the signer's table does not keep what is put into it");
  const secret = await wrapping.unwrap(wrapped, binding);
  try {
    return {
      memory: deriveKey(secret, "trstctl/signer-memory/1"),
      rejection: deriveKey(secret, "trstctl/key-transport/1"),
    };
  } finally {
    secret.fill(0);
  }
}
