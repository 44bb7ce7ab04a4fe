import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { utf8, utf8Text } from "#shared/kernel/bytes";
import type { Blob } from "#shared/ports/blob";
import { anyBlobKey } from "./any-key.ts";
import { randomId } from "./fixtures.ts";

export type MakeBlob = () => Promise<{ readonly blob: Blob; remove(): Promise<void> }>;

const read = async (blob: Blob, key: string): Promise<string | undefined> => {
  const bytes = await blob.get(key);
  return bytes && utf8Text(bytes);
};

/** Keys that would leave the tenant, the root or the alphabet. */
export const wrongKeys = [
  "",
  "/",
  "a",
  "a/b",
  "a/b/",
  "/a/b/c",
  "a//c",
  "a/b//c",
  "../a/b/c",
  "a/../b/c",
  "a/b/..",
  "a/b/.",
  "a/./b/c",
  "a/b/c..d",
  "a/b/...",
  "a/b/c\0",
  "a/b\0/c",
  "a/b/c\n",
  "a/b/C",
  "A/b/c",
  "a/b/é",
  "a/b/c d",
  "a/b/c@",
  "a/b/c%2f",
  "a\\b\\c",
  "a/b/c\\..\\d",
  "C:/a/b",
  ".tmp/a/b",
  "-a/b/c",
  "a#b/c/d",
  `a/b/${"c".repeat(201)}`,
  `a/b/${"c/".repeat(500)}d`,
];

export function blobContract(name: string, makeBlob: MakeBlob): void {
  describe(`Blob on ${name}`, () => {
    let made: Awaited<ReturnType<MakeBlob>> | undefined;
    const blob = (): Blob => {
      if (made === undefined) throw new Error("the blobs did not start");
      return made.blob;
    };
    beforeAll(async () => {
      made = await makeBlob();
    });
    afterAll(async () => {
      await made?.remove();
    });

    test("returns what was put, the last of it, until it is deleted", async () => {
      const key = `${randomId()}/crl/a.b_c-1/shard.crl`;
      expect(await blob().get(key)).toBeUndefined();
      await blob().delete(key);
      for (const bytes of [
        new Uint8Array(0),
        randomBytes(255),
        randomBytes(3_000_000),
        Uint8Array.of(0, 10, 13, 255),
      ]) {
        await blob().put(anyBlobKey(key), bytes);
        const found = await blob().get(key);
        expect(found && Buffer.compare(found, bytes)).toBe(0);
      }
      await blob().delete(key);
      expect(await blob().get(key)).toBeUndefined();
    });

    test("a key may be the beginning of another's path", async () => {
      const tenant = randomId();
      for (const key of ["x/y/z", "x/y", "x/y/z/z"].map((tail) => `${tenant}/${tail}`))
        await blob().put(anyBlobKey(key), utf8(key));
      for (const key of ["x/y/z", "x/y", "x/y/z/z"].map((tail) => `${tenant}/${tail}`)) {
        expect(await read(blob(), key)).toBe(key);
      }
      await blob().delete(`${tenant}/x/y`);
      expect(await blob().list(`${tenant}/`)).toEqual([`${tenant}/x/y/z`, `${tenant}/x/y/z/z`]);
    });

    test("lists below a prefix in ascending order, page by page", async () => {
      const tenant = randomId();
      const tails = ["a/0", "a/b", "a/b-c", "a/b.c", "a/b/a", "a/b/c", "a/b0", "a/bb/a", "aa/a", "b-/a", "b/a"];
      const keys = tails.map((tail) => `${tenant}/${tail}`);
      for (const key of keys) await blob().put(anyBlobKey(key), utf8("x"));
      await blob().put(anyBlobKey(`${tenant}0/a/b`), utf8("x"));
      expect(await blob().list(`${tenant}/`)).toEqual(keys.toSorted());
      expect(await blob().list(`${tenant}/a/`)).toEqual(
        keys.filter((key) => key.startsWith(`${tenant}/a/`)).toSorted(),
      );
      expect(await blob().list(`${tenant}/nothing/`)).toEqual([]);
      for (const after of [...keys, `${tenant}/a/b/b`, `${tenant}/a/`, `${tenant}/zz`, "", "zzzz"]) {
        expect(await blob().list(`${tenant}/`, after), after).toEqual(keys.filter((key) => key > after).toSorted());
      }
      const many = Array.from({ length: 1003 }, (_, n) => `${tenant}/many/${String(n).padStart(4, "0")}`);
      for (let n = 0; n < many.length; n += 50) {
        await Promise.all(many.slice(n, n + 50).map(async (key) => await blob().put(anyBlobKey(key), utf8(key))));
      }
      const first = await blob().list(`${tenant}/many/`);
      expect(first).toEqual(many.slice(0, 1000));
      expect(await blob().list(`${tenant}/many/`, first.at(-1))).toEqual(many.slice(1000));
    });

    test("readers see a whole value, the old or the new", async () => {
      const key = `${randomId()}/export/big`;
      const values = Array.from({ length: 8 }, (_, n) => new Uint8Array(400_000 + n).fill(n));
      await blob().put(anyBlobKey(key), new Uint8Array(400_000));
      let writing = true;
      const seen: string[] = [];
      const reader = async (): Promise<void> => {
        while (writing) {
          const bytes = await blob().get(key);
          const first = bytes?.[0] ?? -1;
          if (bytes?.length !== 400_000 + first || !bytes.every((byte) => byte === first))
            seen.push(`torn at ${first}`);
        }
      };
      const readers = [reader(), reader()];
      await Promise.all(values.map(async (value) => await blob().put(anyBlobKey(key), value)));
      writing = false;
      await Promise.all(readers);
      expect(seen).toEqual([]);
    });

    test("refuses every key that is not <tenant>/<kind>/…", async () => {
      for (const key of wrongKeys) {
        await expect(blob().put(anyBlobKey(key), utf8("x")), key).rejects.toThrow(TypeError);
        await expect(blob().get(key), key).rejects.toThrow(TypeError);
        await expect(blob().delete(key), key).rejects.toThrow(TypeError);
      }
      for (const prefix of ["", "/", "a", "a/b", "../", "a/../", "/a/", "a//", "a/\0/", ".tmp/", "A/"]) {
        await expect(blob().list(prefix), prefix).rejects.toThrow(TypeError);
      }
    });
  });
}
