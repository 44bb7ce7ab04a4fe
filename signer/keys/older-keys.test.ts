/** Keys that version 0.1.0 sealed open, and sign as they did. Their key encryption key is 00 01 02 … 1f. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { fromBase64 } from "#shared/kernel/bytes";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { root } from "../../toolchain/runtime.mjs";
import { keyAlgorithms } from "./algorithms.ts";
import { openKeyStore } from "./key-files.ts";

const vectors = join(root, "test", "vectors", "trstctl-key-1");
const read = (name: string): unknown => JSON.parse(readFileSync(join(vectors, name), "utf8"));
const publicKeys = Object.entries(read("public-keys.json") as Readonly<Record<string, string>>);

test.each(publicKeys)("%s", async (handle, spki) => {
  const directory = mkdtempSync(join(tmpdir(), "older-"));
  try {
    const { spec } = read(`${handle}.json`) as { readonly spec: KeySpec };
    mkdirSync(join(directory, spec.tenant));
    const file = join(directory, spec.tenant, `${handle}.json`);
    copyFileSync(join(vectors, `${handle}.json`), file);
    chmodSync(file, 0o600);
    const keys = openKeyStore(directory, new SecretBytes(Uint8Array.from({ length: 32 }, (_, at) => at)));
    const data = Buffer.from("what an older key signs");
    const signature = await keys.sign({ spec, spki: fromBase64(spki) }, data);
    const algorithm = keyAlgorithms[spec.algorithm].signatureAlgorithm;
    expect(await verifySignature({ algorithm, spki: fromBase64(spki), data, signature })).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
