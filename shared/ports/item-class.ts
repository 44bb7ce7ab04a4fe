/**
 * What becomes of a stored thing on rebuild, backup and restore (I2). Every kind of item and of blob has one; what has none
 * cannot be written, because only `partition` (events/item-kinds.ts) and `blobKey` make the key that a write asks for.
 *
 * log: the truth itself. derived: rebuilt from the log byte for byte. sealed: ciphertext whose event holds the hash; erased
 * by destroying its key. ephemeral: expires, or is made anew; lost on restore.
 */
export type ItemClass = "log" | "derived" | "sealed" | "ephemeral";
