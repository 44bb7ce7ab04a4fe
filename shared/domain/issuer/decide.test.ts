import { expect, test } from "vitest";
import { given, issued, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { assertIssues, decideRetireIssuer } from "./decide.ts";

const { data } = issued("01") as Extract<DomainEvent, { type: "certificate.issued" }>;
const created = (role: "root" | "issuing"): DomainEvent => ({
  type: "issuer.created",
  data: {
    ...data,
    id: "ca",
    role,
    name: "CA",
    parent: role === "root" ? null : "root",
    handle: "ca",
    signature_algorithm: "ecdsa-with-SHA256",
    permitted_dns: ["example.test"],
    revocation_base_url: "http://r.test",
    shards: 1,
  },
});
const retired: DomainEvent = { type: "issuer.retired", data: {} };
const now = Date.parse(moment(10));
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

test("given an active issuing CA, then it issues, and it can be retired once", () => {
  const issuer = given("issuer", "ca", [created("issuing")]);
  expect(() => assertIssues(issuer, now)).not.toThrow();
  expect(decideRetireIssuer(issuer)).toEqual(retired);
  const gone = given("issuer", "ca", [created("issuing"), retired]);
  expect(() => decideRetireIssuer(gone)).toThrow(refusal("conflict"));
  expect(() => assertIssues(gone, now)).toThrow(refusal("unprocessable"));
  // What stands in its certificates stays as it was.
  expect(gone).toMatchObject({ revocation_base_url: "http://r.test", handle: "ca", permitted_dns: ["example.test"] });
});

test("given a root, then it neither issues leaves nor retires", () => {
  const root = given("issuer", "ca", [created("root")]);
  expect(() => decideRetireIssuer(root)).toThrow(refusal("conflict"));
  expect(() => assertIssues(root, now)).toThrow(refusal("unprocessable"));
});

test("given one that has expired, then it does not issue, from that very moment", () => {
  const issuer = given("issuer", "ca", [created("issuing")]);
  const end = Date.parse(issuer.not_after);
  expect(() => assertIssues(issuer, end - 1)).not.toThrow();
  expect(() => assertIssues(issuer, end)).toThrow(refusal("unprocessable"));
});
