import { createPrivateKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifySignature } from "./signature.ts";
import { leafKeyAlgorithms, makeLeafKey } from "./leaf-key.ts";

/** SLH-DSA takes seconds to sign, and is the same row as ML-DSA. */
const quick = leafKeyAlgorithms.filter((name) => !/^SLH-DSA|^RSA-4096/.test(name));

describe.each(quick)("%s", (name) => {
  test("signs what its public half verifies; the PKCS#8 is that key, and is gone when wiped", async () => {
    const key = await makeLeafKey(name);
    if (key === undefined) throw new Error(`no ${name}`);
    const data = Uint8Array.of(1, 2, 3);
    const { spki, signatureAlgorithm: algorithm } = key;
    expect(await verifySignature({ algorithm, spki, data, signature: key.sign(data) })).toBe(true);
    const bytes = key.pkcs8.reveal();
    const read = createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" });
    expect(read.asymmetricKeyType).toBeDefined();
    key.pkcs8.wipe();
    expect(bytes.every((octet) => octet === 0)).toBe(true);
  });
});

test("who asks for many slow keys at once leaves threads to everybody else", async () => {
  const done: string[] = [];
  const slow = Array.from({ length: 8 }, async () => {
    await makeLeafKey("RSA-2048");
    done.push("slow");
  });
  await makeLeafKey("P-256");
  done.push("quick");
  await Promise.all(slow);
  // With all four threads taken it waits for one at least.
  expect(done[0]).toBe("quick");
});

test("others are not made, whatever an object has by itself", async () => {
  expect(await makeLeafKey("RSA-1024")).toBeUndefined();
  expect(await makeLeafKey("constructor")).toBeUndefined();
});
