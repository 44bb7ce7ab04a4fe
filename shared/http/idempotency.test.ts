import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Principal } from "#shared/contracts/principal";
import { assertSameRequest, fingerprint, idempotencyKeyOf } from "./idempotency.ts";

const key = new Uint8Array(32).fill(1);
const principal = (subject: string): Principal => ({ tenant: "acme", subject, roles: [], scopes: [] });

describe("the key", () => {
  test.each(["12345678", "a".repeat(200), "0198c0de-0000-7000-8000-000000000000", "!~{}[]:;"])("%s is one", (text) => {
    expect(idempotencyKeyOf(new Headers({ "Idempotency-Key": text }))).toBe(text);
  });

  test.each(["1234567", "a".repeat(201), "with a space", "tab\tbetween"])("%j is none", (text) => {
    expect(() => idempotencyKeyOf(new Headers({ "idempotency-key": text }))).toThrow(
      expect.objectContaining({ code: "invalid_field", field: "Idempotency-Key" }) as Error,
    );
  });

  test("missing, or under another name", () => {
    for (const headers of [new Headers(), new Headers({ "x-idempotency-key": "12345678" })])
      expect(() => idempotencyKeyOf(headers)).toThrow(
        expect.objectContaining({ code: "idempotency_key_missing" }) as Error,
      );
  });
});

describe("the fingerprint", () => {
  const request = fc.tuple(
    fc.constantFrom("POST", "PUT"),
    fc.constantFrom("/a", "/b"),
    fc.constantFrom("s", "t"),
    fc.jsonValue(),
  );
  const print = ([method, path, subject, body]: [string, string, string, unknown], secret = key): string =>
    fingerprint(secret, method, path, principal(subject), body);

  test("is the request's alone: equal for equal ones, different for others", () => {
    fc.assert(
      fc.property(request, request, (one, other) => {
        expect(print(one)).toBe(print(structuredClone(one)));
        if (JSON.stringify(one) !== JSON.stringify(other)) expect(print(one)).not.toBe(print(other));
      }),
    );
  });

  test("says nothing about the body to who does not hold the tenant's key", () => {
    const one = ["POST", "/a", "s", { name: "x" }] as [string, string, string, unknown];
    expect(print(one)).not.toBe(print(one, new Uint8Array(32).fill(2)));
    expect(print(one)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("another one under the same key is a mismatch", () => {
    const record = { key: "12345678", fingerprint: "aa", status: 201, operation: "o", resource: "r" };
    expect(() => assertSameRequest(record, "aa")).not.toThrow();
    expect(() => assertSameRequest(record, "ab")).toThrow(
      expect.objectContaining({ code: "idempotency_mismatch" }) as Error,
    );
  });
});
