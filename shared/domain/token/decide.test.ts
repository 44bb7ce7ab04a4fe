import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, permissions } from "#shared/contracts/permissions";
import { isFailure } from "#shared/kernel/failure";
import { given, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { decideMintToken, decideRevokeToken, type MintToken } from "./decide.ts";

const mint = (over: Partial<MintToken> = {}): MintToken => ({
  subject: "s",
  scopes: ["owners:read"],
  secret_sha256: "ab",
  expires_at: null,
  now: moment(0),
  held: ["*"],
  ...over,
});
const refusal = (code: string, field: string) => expect.objectContaining({ code, field }) as Error;
const offboarded = given("member", "s", [
  { type: "member.upserted", data: { display_name: null, email: null, roles: ["viewer"] } },
  { type: "member.offboarded", data: { reason: null } },
]);

describe("minting", () => {
  test("a token never holds more than its minter does", () => {
    const scope = fc.constantFrom(...permissions, "*");
    fc.assert(
      fc.property(
        fc.array(scope, { minLength: 1, maxLength: 6 }),
        fc.array(scope, { maxLength: 6 }),
        (scopes, held) => {
          const beyond = scopes.filter((wanted) => !covers(held, wanted));
          try {
            const event = decideMintToken(mint({ scopes, held }), undefined);
            expect(beyond).toEqual([]);
            expect(event).toMatchObject({ type: "token.created", data: { scopes: [...new Set(scopes)] } });
          } catch (error) {
            if (!isFailure(error, "forbidden")) throw error;
            expect(beyond.length).toBeGreaterThan(0);
            expect(error.extensions).toEqual({ missing: beyond });
          }
        },
      ),
    );
  });

  test("all of today's permissions are not `*`", () => {
    expect(() => decideMintToken(mint({ scopes: ["*"], held: permissions }), undefined)).toThrow(
      refusal("forbidden", "scopes"),
    );
  });

  test.each([moment(0), moment(-1), "2039-12-31T23:59:59Z", "2040-01-01T00:00:00Z", "2040-01-01T00:00Z"])(
    "one that has expired already (%s) is refused",
    (expires_at) => {
      expect(() => decideMintToken(mint({ expires_at }), undefined)).toThrow(refusal("invalid_field", "expires_at"));
    },
  );

  test("a whole second that has begun already lies in the past", () => {
    const now = "2040-01-01T00:00:00.500Z";
    expect(() => decideMintToken(mint({ now, expires_at: "2040-01-01T00:00:00Z" }), undefined)).toThrow(
      refusal("invalid_field", "expires_at"),
    );
    expect(decideMintToken(mint({ now, expires_at: "2040-01-01T00:00:01Z" }), undefined).type).toBe("token.created");
  });

  test("for somebody who was offboarded it is refused", () => {
    expect(() => decideMintToken(mint(), offboarded)).toThrow(refusal("unprocessable", "subject"));
  });
});

describe("revoking", () => {
  const created = decideMintToken(mint(), undefined);

  test("once, with who and why", () => {
    const event = decideRevokeToken(given("token", "t", [created]), "leaked");
    const token = given("token", "t", [created, event]);
    expect(token).toMatchObject({ revoked_at: moment(1), revoked_by: "tester", revocation_reason: "leaked" });
    expect(() => decideRevokeToken(token, null)).toThrow(refusal("conflict", "id"));
  });

  test("what is stored of it is a hash", () => {
    const events: DomainEvent[] = [created];
    expect(given("token", "t", events).secret_sha256).toBe("ab");
  });
});
