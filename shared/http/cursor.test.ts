import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const refused = expect.objectContaining({ code: "invalid_field", field: "cursor" }) as Error;

test("comes back as it was, in its own list only", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (position) => {
      const cursor = encodeCursor("owners.list", position) ?? "";
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeCursor("owners.list", cursor)).toBe(position);
      expect(() => decodeCursor("owners", cursor)).toThrow(refused);
      expect(() => decodeCursor("certificates.list", cursor)).toThrow(refused);
    }),
  );
});

test("no cursor is the first page, and the last page has none", () => {
  expect(decodeCursor("a", undefined)).toBeUndefined();
  expect(encodeCursor("a", undefined)).toBeNull();
});

test("what is of the list but no position in it is refused", () => {
  for (const position of ["", "x".repeat(1_000)])
    expect(() => decodeCursor("owners", encodeCursor("owners", position) ?? "")).toThrow(refused);
});

test("anything else is refused, never taken for the first page", () => {
  for (const cursor of ["", "A", "=", "YQ==", "a b", "%00", "_w", Buffer.from("owners").toString("base64url")])
    expect(() => decodeCursor("owners", cursor)).toThrow(refused);
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (cursor) => {
      expect(() => decodeCursor("owners", cursor)).toThrow(refused);
    }),
  );
});
