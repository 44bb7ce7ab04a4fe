import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hex, utf8 } from "#shared/kernel/bytes";
import { pemDecode } from "#shared/pki/pem";
import { root } from "../../toolchain/runtime.mjs";
import { externalMu } from "./external-mu.ts";

const message = utf8("trstctl known answer ".repeat(300));

/** Of the public keys of RFC 9881 appendix C, by Python's hashlib.shake_256. */
const known = {
  "ML-DSA-44":
    "dc3b6893f4a132a4166ed646d555fb143bba48fc4039974108217dccc15b8e74d004a8f0b05a63a0706670fa91aabdac38ffcb255559f4992020ca68847d5e11",
  "ML-DSA-65":
    "5580ddf5cbe470cb3ab27e7265ab2f2c64b5dbcb197bb4fb6c29a4a6069b2f4e88f51d80ab08c3185b9f4cbfc483cab6176323fe0d08ec3dad90d03198703704",
  "ML-DSA-87":
    "7c68d1f532fc5f63a3f7d40efbd2a8839c45d9a6e23ad9244e5f3b1b510a76e69fa6908a769a7b4fa3daa3d9e91df622b51a9df768cccb4df9d48c4c7a232ac0",
};

test.each(Object.entries(known))("the representative of a message under %s", (name, mu) => {
  const pem = readFileSync(join(root, "test", "vectors", "rfc9881", `${name}.pub`), "utf8");
  expect(hex(externalMu(pemDecode(pem, "PUBLIC KEY")[0] ?? new Uint8Array(), message))).toBe(mu);
});
