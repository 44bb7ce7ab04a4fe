import { describe, expect, test } from "vitest";
import { given, issued, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { revocationId } from "../revocation/revocation.ts";
import { decideRevokeCertificate } from "./decide.ts";

const revoked: DomainEvent = {
  type: "certificate.revoked",
  data: { issuer: "ca", serial: "01", shard: 0, reason: "keyCompromise" },
};

describe("revocation", () => {
  test("given an active certificate, when revoked, then the event names issuer, serial, shard and reason", () => {
    const certificate = given("certificate", "ca-01", [issued("01", { shard: 3 })]);
    expect(decideRevokeCertificate(certificate, { reason: "superseded" })).toEqual({
      type: "certificate.revoked",
      data: { issuer: "ca", serial: "01", shard: 3, reason: "superseded", not_after: moment(86_400) },
    });
  });

  test("given a superseded one, when revoked, then it is", () => {
    const certificate = given("certificate", "ca-01", [issued("01"), issued("02", { replaces: "ca-01" })]);
    expect(certificate).toMatchObject({ status: "superseded", replaced_by: "ca-02", serial: "01" });
    expect(decideRevokeCertificate(certificate, { reason: "superseded" }).type).toBe("certificate.revoked");
  });

  test("given a revoked one, when revoked again, then it is refused and says since when", () => {
    const certificate = given("certificate", "ca-01", [issued("01"), revoked]);
    expect(certificate).toMatchObject({ status: "revoked", revoked_at: moment(1), reason: "keyCompromise" });
    expect(() => decideRevokeCertificate(certificate, { reason: "superseded" })).toThrow(
      expect.objectContaining({ code: "conflict", message: expect.stringContaining(moment(1)) as unknown }) as Error,
    );
  });

  test("given a revoked one, when a successor comes, then it stays revoked", () => {
    const certificate = given("certificate", "ca-01", [issued("01"), revoked, issued("02", { replaces: "ca-01" })]);
    expect(certificate).toMatchObject({ status: "revoked", revoked_at: moment(1), replaced_by: "ca-02" });
  });

  test("given a CA certificate, when revoked, then it is refused", () => {
    const { data } = issued("01") as Extract<DomainEvent, { type: "certificate.issued" }>;
    const certificate = given("certificate", "ca-01", [
      {
        type: "issuer.created",
        data: {
          ...data,
          id: "ca",
          role: "root",
          name: "Root",
          parent: null,
          handle: "root",
          signature_algorithm: "ecdsa-with-SHA256",
          permitted_dns: [],
          revocation_base_url: "http://x",
          shards: 1,
        },
      },
    ]);
    expect(certificate.kind).toBe("ca");
    expect(() => decideRevokeCertificate(certificate, { reason: "superseded" })).toThrow(
      expect.objectContaining({ code: "conflict" }) as Error,
    );
  });
});

test("given one that the reconciler found, then it is revoked from its first moment", () => {
  const { data } = issued("01") as Extract<DomainEvent, { type: "certificate.issued" }>;
  const { profile: _, protocol: __, ...signed } = data;
  const event: DomainEvent = { type: "certificate.reconciled", data: { ...signed, op_id: "op" } };
  expect(given("certificate", "ca-01", [event])).toMatchObject({
    status: "revoked",
    revoked_at: moment(0),
    reason: "unspecified",
    protocol: "reconciled",
    identity: null,
  });
  expect(given("revocation", revocationId("ca", 0, "01"), [event])).toEqual({
    revoked_at: moment(0),
    reason: "unspecified",
  });
});

test("the DER stands in the event and not in the state", () => {
  expect(JSON.stringify(given("certificate", "ca-01", [issued("01", { der: "Q0VSVA==" })]))).not.toContain("Q0VSVA==");
});
