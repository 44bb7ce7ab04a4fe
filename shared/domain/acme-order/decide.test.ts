import { describe, expect, test } from "vitest";
import { given, issued, moment } from "#test/domain/given";
import type { AcmeAuthorization } from "../acme-authorization/acme-authorization.ts";
import type { DomainEvent } from "../events.ts";
import type { AcmeOrder } from "./acme-order.ts";
import { acmeOrderStatus, decideSubmit } from "./decide.ts";

const created: DomainEvent = {
  type: "acme-order.created",
  data: {
    endpoint: "web",
    identifiers: [{ type: "dns", value: "a.test" }],
    authorizations: ["z"],
    expires: moment(100),
    not_before: null,
    not_after: null,
    profile: null,
    replaces: null,
    opened: [],
    trusted: false,
  },
};
const submitted: DomainEvent = { type: "acme-order.submitted", data: { request: "r" } };
const after = (...events: readonly DomainEvent[]): AcmeOrder => given("acme-order", "account/o", [created, ...events]);
const at = (n: number) => ({ nowMs: Date.parse(moment(n)), proofs: true });
const now = at(50);

const authorization = (status: AcmeAuthorization["status"], expires = moment(1000)): AcmeAuthorization => ({
  endpoint: "web",
  identifier: { type: "dns", value: "a.test" },
  wildcard: false,
  challenges: ["http-01"],
  token: "t",
  expires,
  status,
  tried: null,
  tried_at: null,
  validated_at: null,
  error: null,
});

describe("the status of an order (RFC 8555 7.1.6)", () => {
  test.each([
    [["valid", "valid"], "ready"],
    [["valid", "pending"], "pending"],
    [["pending", "invalid"], "invalid"],
    [["valid", "deactivated"], "invalid"],
  ] as const)("given authorizations that are %j, then it is %s", (statuses, expected) => {
    const all = statuses.map((status) => authorization(status));
    expect(acmeOrderStatus(after(), all, undefined, now)).toBe(expected);
  });

  test("given a proof that ended, or an order that did, then it is invalid", () => {
    expect(acmeOrderStatus(after(), [authorization("valid", moment(50))], undefined, now)).toBe("invalid");
    expect(acmeOrderStatus(after(), [authorization("valid")], undefined, at(100))).toBe("invalid");
  });

  test("given a certificate, then it is valid for good", () => {
    const order = after(issued("01"));
    expect(order.certificate).toBe("ca-01");
    expect(acmeOrderStatus(order, [authorization("deactivated")], undefined, at(5000))).toBe("valid");
  });

  test.each([
    ["pending", "processing"],
    ["issued", "valid"],
    ["refused", "invalid"],
  ] as const)("given a request that is %s, then it is %s", (request, expected) => {
    expect(acmeOrderStatus(after(submitted), [authorization("valid")], request, now)).toBe(expected);
  });
});

test("given an order that was finalized, when it is submitted, then it is refused", () => {
  expect(decideSubmit(after(), "r")).toEqual(submitted);
  for (const order of [after(submitted), after(issued("01"))])
    expect(() => decideSubmit(order, "r2")).toThrow(expect.objectContaining({ code: "conflict" }) as Error);
});
