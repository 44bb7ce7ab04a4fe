import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrustRoot } from "./root.ts";

/** For programs that read a certificate from a file: it lies in a directory of its user's alone, and is gone afterwards. */
export async function withPemFile<T>({ pem }: TrustRoot, use: (path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "trstctl-"));
  try {
    const path = join(directory, "root.pem");
    writeFileSync(path, pem);
    return await use(path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
