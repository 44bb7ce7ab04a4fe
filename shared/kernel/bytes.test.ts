import fc from "fast-check";
import { expect, test } from "vitest";
import { base64, base64Bytes } from "./bytes.ts";

test("base64 as bytes is base64 as text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(Buffer.from(base64Bytes(bytes)).toString("latin1")).toBe(base64(bytes));
    }),
  );
});
