import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileBlob } from "#shared/adapters/local/blob";
import { isFailure } from "#shared/kernel/failure";
import { blobKey } from "#shared/ports/blob";
import { anyBlobKey } from "./any-key.ts";
import { blobContract, wrongKeys } from "./blob-contract.ts";
import { temporaryDir } from "./fixtures.ts";

blobContract("files", async () => {
  const dir = temporaryDir();
  return { blob: fileBlob(join(dir.path, "blob")), remove: async () => dir.remove() };
});

test("files are 0600, directories 0700, and nothing is written outside the root", async () => {
  using dir = disposable();
  const blob = fileBlob(join(dir.path, "blob"));
  await blob.put(blobKey("acme", "crl", "a/b"), new Uint8Array(3));
  for (const key of wrongKeys) await blob.put(anyBlobKey(key), new Uint8Array(1)).catch(() => undefined);
  const entries = readdirSync(dir.path, { recursive: true, encoding: "utf8" });
  const files = entries.filter((entry) => statSync(join(dir.path, entry)).isFile());
  expect(files).toHaveLength(1);
  for (const entry of entries) {
    const { mode } = statSync(join(dir.path, entry));
    expect([entry, mode & 0o777]).toEqual([entry, files.includes(entry) ? 0o600 : 0o700]);
  }
  expect(readdirSync(dir.path)).toEqual(["blob"]);
});

test("what a killed process left half written is gone at the next start", async () => {
  using dir = disposable();
  const root = join(dir.path, "blob");
  await fileBlob(root).put(blobKey("acme", "crl", "a"), new Uint8Array(3));
  writeFileSync(join(root, ".tmp", "half"), "x");
  const again = fileBlob(root);
  expect(existsSync(join(root, ".tmp", "half"))).toBe(false);
  expect(await again.get("acme/crl/a")).toEqual(new Uint8Array(3));
  expect(await again.list("acme/")).toEqual(["acme/crl/a"]);
});

test("a root that is no directory stops the start", () => {
  using dir = disposable();
  writeFileSync(join(dir.path, "file"), "x");
  mkdirSync(join(dir.path, "dir"));
  try {
    fileBlob(join(dir.path, "file"));
    expect.unreachable();
  } catch (error) {
    expect(isFailure(error, "misconfigured")).toBe(true);
  }
});

function disposable() {
  const dir = temporaryDir();
  return { path: dir.path, [Symbol.dispose]: () => dir.remove() };
}
