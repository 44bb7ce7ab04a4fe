import { describe, expect, test } from "vitest";
import { endpointSettings as settings } from "#test/domain/endpoint-settings";
import { given } from "#test/domain/given";
import { decideCreateEndpoint, decideDisableEndpoint, decideUpdateEndpoint } from "./decide.ts";
import { assertLabel } from "./label.ts";

const served = ["acme", "est"];
const refusal = (code: string, field: string) => expect.objectContaining({ code, field }) as Error;

describe("a label", () => {
  test.each(["web", "a-b", "default", "123", "x".repeat(63)])("%s may be one", (label) => {
    expect(() => assertLabel(label)).not.toThrow();
  });

  test.each([
    "",
    "ab",
    "x".repeat(64),
    "Web",
    "a_b",
    "a.b",
    "-ab",
    "ab-",
    "a/b",
    "a b",
    "wéb",
    "@default/est",
    "web\n",
  ])("%j has not its form", (label) => {
    expect(() => assertLabel(label)).toThrow(refusal("invalid_field", "label"));
  });

  test.each(["cacerts", "simpleenroll", "directory", "new-order", "pkiclient", "keyupdate", "well-known", "api"])(
    "%s is reserved: paths of the standards have it where a label stands",
    (label) => {
      expect(() => decideCreateEndpoint(label, undefined, settings(), served)).toThrow(
        refusal("invalid_field", "label"),
      );
    },
  );
});

describe("an endpoint", () => {
  const created = decideCreateEndpoint("web", undefined, settings(), served);
  const state = given("enrolment-endpoint", "web", [created]);

  test("serves protocols of the host only", () => {
    expect(() => decideCreateEndpoint("web", undefined, settings({ protocols: ["est", "api"] }), served)).toThrow(
      refusal("invalid_field", "protocols"),
    );
  });

  test("is not open to whoever reaches it unless names are validated", () => {
    const open = settings({ auth: ["open", "secret"], validate_names: false });
    expect(() => decideCreateEndpoint("web", undefined, open, served)).toThrow(refusal("invalid_field", "auth"));
    expect(() => decideUpdateEndpoint(state, open, served)).toThrow(refusal("invalid_field", "auth"));
    decideUpdateEndpoint(state, { ...open, validate_names: true }, served);
  });

  test("has its label once, also when it is disabled", () => {
    const disabled = given("enrolment-endpoint", "web", [created, decideDisableEndpoint(state)]);
    expect(disabled).toMatchObject({ status: "disabled", default: false });
    for (const before of [state, disabled])
      expect(() => decideCreateEndpoint("web", before, settings(), served)).toThrow(refusal("conflict", "label"));
    expect(() => decideUpdateEndpoint(disabled, settings(), served)).toThrow(refusal("conflict", "id"));
    expect(() => decideDisableEndpoint(disabled)).toThrow(refusal("conflict", "id"));
  });

  test("is replaced whole, and says whose it was", () => {
    const event = decideUpdateEndpoint({ ...state, owner: "o1" }, settings({ owner: "o2", auth: ["token"] }), served);
    expect(event).toMatchObject({ data: { owner: "o2", previous_owner: "o1" } });
    const after = given("enrolment-endpoint", "web", [created, event]);
    expect(after).toMatchObject({ owner: "o2", auth: ["token"], status: "active" });
    expect(after).not.toHaveProperty("previous_owner");
  });

  test("an owner counts the endpoints that name it", () => {
    const owned = { ...created, data: settings({ owner: "o1" }) } as typeof created;
    const change = (owner: string | null, previous: string | null) =>
      ({ type: "enrolment-endpoint.updated", data: { ...settings({ owner }), previous_owner: previous } }) as const;
    const owner = { type: "owner.created", data: { kind: "team", name: "x", email: null } } as const;
    const references = (...events: Parameters<typeof given>[2]) => given("owner", "o1", [owner, ...events]).references;
    expect(references(owned)).toBe(1);
    expect(references(owned, change("o2", "o1"))).toBe(0);
    expect(references(change("o1", "o2"))).toBe(1);
    expect(references(owned, { type: "enrolment-endpoint.disabled", data: { owner: "o1" } })).toBe(0);
  });
});
