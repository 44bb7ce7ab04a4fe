import { describe, expect, test } from "vitest";
import { type RoleName, roleNames, roles } from "#shared/contracts/permissions";
import { given, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { decideOffboardMember, decidePutMember } from "./decide.ts";

const put = (wanted: readonly RoleName[], held: readonly string[] = ["*"]) => ({
  display_name: "Ada",
  email: null,
  roles: wanted,
  held,
});
const upserted = (...wanted: RoleName[]): DomainEvent => ({
  type: "member.upserted",
  data: { display_name: null, email: null, roles: wanted },
});
const offboarded: DomainEvent = { type: "member.offboarded", data: { reason: "left", generation: 1 } };
const forbidden = expect.objectContaining({ code: "forbidden", field: "roles" }) as Error;

describe("roles", () => {
  test.each(roleNames)("%s is given by who holds all of it, and by nobody who lacks a part", (role) => {
    expect(decidePutMember(put([role], roles[role]), undefined)).toMatchObject({ data: { roles: [role] } });
    const [first] = roles[role];
    const lacking = roles[role].filter((permission) => permission !== first);
    expect(() => decidePutMember(put([role], lacking), undefined)).toThrow(forbidden);
  });

  test("every permission there is does not make an administrator of others", () => {
    expect(() => decidePutMember(put(["admin"], roles.operator), undefined)).toThrow(forbidden);
  });

  test("what is more than one's own is not taken away either", () => {
    const admin = given("member", "m", [upserted("admin", "viewer")]);
    expect(() => decidePutMember(put(["viewer"], roles.operator), admin)).toThrow(forbidden);
    // Left as it is, it may stay.
    expect(decidePutMember(put(["admin", "viewer"], roles.operator), admin).type).toBe("member.upserted");
  });

  test("given twice they count once", () => {
    expect(decidePutMember(put(["viewer", "viewer"]), undefined)).toMatchObject({ data: { roles: ["viewer"] } });
  });
});

describe("offboarding", () => {
  test("once", () => {
    const member = given("member", "m", [upserted("viewer")]);
    expect(decideOffboardMember(member, "left")).toEqual(offboarded);
    expect(() => decideOffboardMember(given("member", "m", [upserted("viewer"), offboarded]), null)).toThrow(
      expect.objectContaining({ code: "conflict" }) as Error,
    );
  });

  test("given one who comes back, then tokens of the time before stay dead, however often the entry is edited", () => {
    const again = given("member", "m", [upserted("viewer"), offboarded, upserted("viewer"), upserted("operator")]);
    expect(again).toMatchObject({ status: "active", tokens_from: moment(2), created_at: moment(0) });
    expect(given("member", "m", [upserted("viewer"), upserted("viewer")]).tokens_from).toBeNull();
  });

  test("given one who comes back and leaves again, then it is the next generation", () => {
    const again = given("member", "m", [upserted("viewer"), offboarded, upserted("viewer")]);
    expect(again.generation).toBe(1);
    expect(decideOffboardMember(again, null)).toMatchObject({ data: { generation: 2 } });
  });

  test("roles of the time before are given anew, by somebody who holds them", () => {
    const gone = given("member", "m", [upserted("admin"), offboarded]);
    expect(() => decidePutMember(put(["admin"], roles.operator), gone)).toThrow(forbidden);
  });
});
