import { describe, expect, test } from "vitest";
import { given, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import type { AcmeAuthorization, NewAcmeAuthorization } from "./acme-authorization.ts";
import { acmeAuthorizationStatus, decideAttempt, decideDeactivateAuthorization, decideSettle } from "./decide.ts";

const opened: NewAcmeAuthorization = {
  id: "z",
  identifier: { type: "dns", value: "a.test" },
  wildcard: false,
  challenges: ["http-01", "dns-01"],
  token: "t",
  expires: moment(100),
};
const created: DomainEvent = { type: "acme-authorization.created", data: { endpoint: "web", opened } };
const attempted: DomainEvent = { type: "acme-authorization.attempted", data: { challenge: "http-01" } };
const validated: DomainEvent = {
  type: "acme-authorization.validated",
  data: { challenge: "http-01", expires: moment(1000) },
};
const failed: DomainEvent = {
  type: "acme-authorization.failed",
  data: { challenge: "http-01", error: { type: "dns", detail: "no such name" } },
};
const deactivated: DomainEvent = { type: "acme-authorization.deactivated", data: {} };

const after = (...events: readonly DomainEvent[]): AcmeAuthorization =>
  given("acme-authorization", "account/z", [created, ...events]);
const now = Date.parse(moment(50));
const late = Date.parse(moment(100));
const code = (value: string) => expect.objectContaining({ code: value }) as Error;

describe("an answered challenge", () => {
  test("given a pending authorization, when a challenge of it is answered, then it is tried", () => {
    expect(decideAttempt(after(), "dns-01", now)).toEqual({
      type: "acme-authorization.attempted",
      data: { challenge: "dns-01" },
    });
  });

  test("given one that is tried or decided, when the same is answered again, then nothing happens", () => {
    for (const events of [[attempted], [attempted, validated], [attempted, failed]])
      expect(decideAttempt(after(...events), "http-01", now)).toBeUndefined();
  });

  test("given one that is tried, decided, given up or over, when another is answered, then it is refused", () => {
    for (const events of [[attempted], [attempted, validated], [attempted, failed], [deactivated]])
      expect(() => decideAttempt(after(...events), "dns-01", now)).toThrow(code("conflict"));
    expect(() => decideAttempt(after(), "dns-01", late)).toThrow(code("conflict"));
    expect(() => decideAttempt(after(), "tls-alpn-01", now)).toThrow(code("not_found"));
  });
});

describe("what validation brings", () => {
  test("given one that is tried, then it is valid for longer, or invalid with the reason", () => {
    expect(decideSettle(after(attempted), { valid: true, expires: moment(1000) })).toEqual(validated);
    const error = { type: "dns", detail: "no such name" };
    expect(decideSettle(after(attempted), { valid: false, error })).toEqual(failed);
    expect(after(attempted, failed)).toMatchObject({ status: "invalid", error });
    expect(after(attempted, validated)).toMatchObject({
      status: "valid",
      expires: moment(1000),
      validated_at: moment(2),
    });
  });

  test("given one that was given up or settled meanwhile, then nothing happens", () => {
    for (const events of [[attempted, deactivated], [attempted, validated], [attempted, failed], []])
      expect(decideSettle(after(...events), { valid: true, expires: moment(1000) })).toBeUndefined();
  });
});

test("given a pending or valid one, when its time is over, then it counts as expired", () => {
  const at = (nowMs: number) => ({ nowMs, proofs: true });
  expect(acmeAuthorizationStatus(after(), at(late))).toBe("expired");
  expect(acmeAuthorizationStatus(after(attempted, validated), at(late))).toBe("valid");
  expect(acmeAuthorizationStatus(after(attempted, validated), at(Date.parse(moment(1000))))).toBe("expired");
  expect(acmeAuthorizationStatus(after(deactivated), at(late))).toBe("deactivated");
});

test("given one that needed no proof, when the endpoint asks for proofs, then it counts as revoked", () => {
  const trusted: AcmeAuthorization = { ...after(), status: "valid", challenges: [] };
  expect(acmeAuthorizationStatus(trusted, { nowMs: now, proofs: false })).toBe("valid");
  expect(acmeAuthorizationStatus(trusted, { nowMs: now, proofs: true })).toBe("revoked");
});

test("given one that is over, when it is given up, then it is refused", () => {
  expect(decideDeactivateAuthorization(after(attempted, validated)).type).toBe("acme-authorization.deactivated");
  for (const events of [[deactivated], [attempted, failed]])
    expect(() => decideDeactivateAuthorization(after(...events))).toThrow(code("conflict"));
});

test("given failures, then the last ten are remembered, until a proof", () => {
  const name = (events: readonly DomainEvent[]) => given("acme-authorized-name", "account/dns:a.test", events);
  const many = name(Array.from({ length: 12 }, () => failed));
  expect(many.failures).toEqual(Array.from({ length: 10 }, (_, n) => moment(n + 2)));
  expect(name([failed, validated]).failures).toEqual([]);
});
