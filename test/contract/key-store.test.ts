/** Key stores that need nothing installed; KMS on an emulator and a token: `test/interop/`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { kekWrapping } from "#signer/keys/kek";
import { openKeyStore } from "#signer/keys/key-files";
import { itemStorage } from "#signer/keys/key-items";
import { sealedKeyStore } from "#signer/keys/sealed";
import { startPool } from "#test/kms/pool";
import { memoryItems } from "#test/signer/items";
import { classical, holdKeyStore } from "./key-store-contract.ts";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";

const directory = mkdtempSync(join(tmpdir(), "key-store-"));
afterAll(() => rmSync(directory, { recursive: true }));
const kek = new SecretBytes(randomBytes(32));

holdKeyStore("sealed files", {
  backend: "sealed",
  algorithms: signerKeyAlgorithms.filter((name) => !name.startsWith("SLH-DSA") || name === "SLH-DSA-SHA2-128f"),
  open: async () => openKeyStore(directory, kek),
});

const items = memoryItems();

holdKeyStore("wrapped items", {
  backend: "sealed",
  algorithms: ["P-256", "P-384", "Ed25519", "RSA-2048", "ML-DSA-65"],
  open: async () =>
    sealedKeyStore({ storage: itemStorage(items), wrapping: kekWrapping(kek), rejection: kek.reveal() }),
});

const kms = await startPool({
  algorithms: [...classical, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"],
  spare: { "P-256": 12 },
});
afterAll(() => kms[Symbol.asyncDispose]());

holdKeyStore("KMS", {
  backend: "kms",
  algorithms: kms.algorithms,
  longest: { Ed25519: 4096 },
  open: async () => kms.open(),
});
