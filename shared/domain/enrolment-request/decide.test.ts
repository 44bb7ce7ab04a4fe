import { describe, expect, test } from "vitest";
import { given, moment } from "#test/domain/given";
import { endpointSettings } from "#test/domain/endpoint-settings";
import type { EnrolmentEndpoint } from "../enrolment-endpoint/enrolment-endpoint.ts";
import type { DomainEvent } from "../events.ts";
import { assertApprovable, decideOpenRequest, decideRefuseRequest, maxPendingRequests } from "./decide.ts";
import type { EnrolmentRequested } from "./enrolment-request.ts";

const endpoint: EnrolmentEndpoint = {
  ...endpointSettings({ approval: "manual" }),
  status: "active",
  open_credentials: 0,
  pending_requests: 0,
  created_at: moment(0),
  updated_at: moment(0),
};
const requested: EnrolmentRequested = {
  endpoint: "web",
  protocol: "est",
  subject: "est:credential/c",
  transaction: "t",
  opened_with: null,
  fingerprint: "f",
  request_sha256: "00",
  spki: "",
  key_algorithm: "P-256",
  common_name: null,
  names: ["dns:a.test"],
  renews: null,
  replaces: null,
  profile: "default",
  validity_seconds: null,
  not_after: null,
  expires_at: moment(60),
};
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const opened = decideOpenRequest(endpoint, requested);
const pending = given("enrolment-request", "r", [opened]);
const nowMs = Date.parse(moment(1));
const issued = (request: string): DomainEvent =>
  ({ type: "certificate.issued", data: { request, issuer: "i", serial: "0a" } }) as unknown as DomainEvent;

test.each([
  ["the endpoint is disabled", { status: "disabled" }, "conflict"],
  ["it approves by itself meanwhile", { approval: "automatic" }, "conflict"],
  ["too many wait already", { pending_requests: maxPendingRequests }, "rate_limited"],
] as const)("none is opened when %s", (_, over, code) => {
  expect(() => decideOpenRequest({ ...endpoint, ...over }, requested)).toThrow(refusal(code));
});

describe("a request", () => {
  test("waits, and keeps no use of a credential in its state", () => {
    const credential = { id: "c", use: "u" };
    const state = given("enrolment-request", "r", [decideOpenRequest(endpoint, { ...requested, credential })]);
    expect(state).toEqual({ ...pending, created_at: moment(0) });
    expect(state).toMatchObject({ status: "pending", certificate: null, decided_by: null });
  });

  test("is approved while it waits, in time, and by an endpoint that is active", () => {
    assertApprovable(pending, endpoint, nowMs);
    expect(() => assertApprovable(pending, { ...endpoint, status: "disabled" }, nowMs)).toThrow(refusal("conflict"));
    expect(() => assertApprovable(pending, endpoint, Date.parse(moment(60)))).toThrow(refusal("conflict"));
  });

  test("is decided once", () => {
    const refused = given("enrolment-request", "r", [opened, decideRefuseRequest(pending, "no")]);
    expect(refused).toMatchObject({ status: "refused", reason: "no", decided_by: "tester", decided_at: moment(1) });
    const done = given("enrolment-request", "r", [opened, issued("r")]);
    expect(done).toMatchObject({ status: "issued", certificate: "i-0a", decided_by: "tester" });
    for (const state of [refused, done]) {
      expect(() => assertApprovable(state, endpoint, nowMs)).toThrow(refusal("conflict"));
      expect(() => decideRefuseRequest(state, "again")).toThrow(refusal("conflict"));
    }
  });

  test("is not touched by the certificate of another", () => {
    expect(() => given("enrolment-request", "r", [opened, issued("other")])).toThrow(TypeError);
  });
});
