import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { given, moment } from "#test/domain/given";
import type { EnrolmentEndpoint } from "../enrolment-endpoint/enrolment-endpoint.ts";
import type { DomainEvent } from "../events.ts";
import {
  assertGrants,
  decideCreateCredential,
  decideRevokeCredential,
  decideUse,
  isOpen,
  maxCredentialSeconds,
  maxOpenCredentials,
} from "./decide.ts";

const endpoint: EnrolmentEndpoint = {
  ...endpointSettings(),
  status: "active",
  open_credentials: 0,
  pending_requests: 0,
  created_at: moment(0),
  updated_at: moment(0),
};
const nowMs = Date.parse(moment(0));
const command = { endpoint: "web", names: [], maxUses: 1, expiresAt: moment(60), nowMs };
const created = (maxUses: number | null = 1, names: readonly string[] = []) =>
  decideCreateCredential(endpoint, { ...command, maxUses, names });
const refusal = (code: string, field?: string) =>
  expect.objectContaining({ code, ...(field !== undefined && { field }) }) as Error;

describe("creating", () => {
  test.each([
    ["a disabled endpoint", { status: "disabled" }, "conflict", "id"],
    ["an endpoint that takes no secret", { auth: ["token"] }, "unprocessable", "endpoint"],
    ["too many", { open_credentials: maxOpenCredentials }, "conflict", "endpoint"],
  ] as const)("refused: %s", (_, over, code, field) => {
    expect(() => decideCreateCredential({ ...endpoint, ...over }, command)).toThrow(refusal(code, field));
  });

  test.each([moment(0), moment(-1), moment(maxCredentialSeconds + 1)])("refused: ends at %s", (expiresAt) => {
    expect(() => decideCreateCredential(endpoint, { ...command, expiresAt })).toThrow(
      refusal("invalid_field", "expires_at"),
    );
  });

  test("what is stored of it says nothing of the secret", () => {
    const state = given("enrolment-credential", "c", [created()]);
    expect(Object.keys(state).toSorted().join(" ")).toBe(
      "created_at created_by endpoint expires_at max_uses names revoked_at revoked_by uses",
    );
  });
});

describe("using", () => {
  const used = (id: string, use: string): DomainEvent =>
    ({ type: "enrolment-request.created", data: { credential: { id, use } } }) as unknown as DomainEvent;

  test("never more operations than it allows, and each as often as it comes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), { maxLength: 30 }),
        (max, uses) => {
          const events: DomainEvent[] = [created(max)];
          const let_in = new Set<string>();
          for (const use of uses) {
            const state = given("enrolment-credential", "c", events);
            try {
              if (decideUse(state, use)) events.push(used("c", use));
              let_in.add(use);
            } catch (error) {
              expect(error).toEqual(refusal("unauthenticated"));
              expect(let_in.has(use)).toBe(false);
              expect(let_in.size).toBe(max);
            }
          }
          expect(let_in.size).toBe(Math.min(max, new Set(uses).size));
          expect(events).toHaveLength(1 + let_in.size);
        },
      ),
    );
  });

  test("without a limit nothing is counted", () => {
    expect(decideUse(given("enrolment-credential", "c", [created(null)]), "a")).toBe(false);
  });

  test("an event about another credential is none of its business", () => {
    expect(() => given("enrolment-credential", "c", [created(), used("d", "a")])).toThrow(TypeError);
  });

  test("it ends at its moment, or when it is revoked, once", () => {
    const state = given("enrolment-credential", "c", [created()]);
    expect([isOpen(state, nowMs + 59_999), isOpen(state, nowMs + 60_000)]).toEqual([true, false]);
    const revoked = given("enrolment-credential", "c", [created(), decideRevokeCredential(state)]);
    expect(isOpen(revoked, nowMs)).toBe(false);
    expect(revoked).toMatchObject({ revoked_at: moment(1), revoked_by: "tester" });
    expect(() => decideRevokeCredential(revoked)).toThrow(refusal("conflict", "id"));
  });

  test("only its names, when it has some", () => {
    const some = given("enrolment-credential", "c", [created(1, ["dns:a.test", "ip:10.0.0.1"])]);
    assertGrants(some, ["dns:a.test"]);
    assertGrants(some, ["ip:10.0.0.1", "dns:a.test"]);
    for (const names of [["dns:b.test"], ["dns:a.test", "dns:b.test"], ["dns:x.a.test"], ["uri:a.test"]])
      expect(() => assertGrants(some, names)).toThrow(refusal("forbidden", "csr"));
    assertGrants(some, ["dns:a.test"], "A.test");
    assertGrants(some, ["dns:a.test"], "10.0.0.1");
    for (const commonName of ["admin", "b.test", "dns:a.test", ""])
      expect(() => assertGrants(some, ["dns:a.test"], commonName)).toThrow(refusal("forbidden", "csr"));
    assertGrants(given("enrolment-credential", "c", [created()]), ["dns:b.test"], "admin");
  });
});
