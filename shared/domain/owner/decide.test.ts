import { expect, test } from "vitest";
import { given, issued } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { decideDeleteOwner } from "./decide.ts";
import { ownerAggregate } from "./owner.ts";

const created: DomainEvent = { type: "owner.created", data: { kind: "team", name: "web", email: null } };
const identity: DomainEvent = {
  type: "identity.created",
  data: { kind: "x509_certificate", name: "i", owner: "o", issuer: null, profile: null, dns_names: [], attributes: {} },
};
const cancelled: DomainEvent = { type: "identity.cancelled", data: { note: null, owner: "o" } };
const retired: DomainEvent = { type: "identity.retired", data: { note: null, owner: "o" } };

test("given nothing that names it, when deleted, then it is", () => {
  expect(decideDeleteOwner(given("owner", "o", [created]))).toEqual({ type: "owner.deleted", data: {} });
  expect(
    ownerAggregate.evolve(
      given("owner", "o", [created]),
      { type: "owner.deleted", data: {} },
      {
        time: "",
        actor: "",
        stream: { kind: "owner", id: "o" },
        effects: [],
      },
      "o",
    ),
  ).toBeUndefined();
});

test.each([
  { what: "an identity", events: [identity], references: 1 },
  { what: "two identities of which one is cancelled", events: [identity, identity, cancelled], references: 1 },
  { what: "a certificate", events: [issued("01", { owner: "o" })], references: 1 },
])("given $what that names it, when deleted, then it is refused", ({ events, references }) => {
  const owner = given("owner", "o", [created, ...events]);
  expect(owner.references).toBe(references);
  expect(() => decideDeleteOwner(owner)).toThrow(
    expect.objectContaining({ code: "conflict", field: "id", extensions: { references } }) as Error,
  );
});

test.each([cancelled, retired])("given an identity that is over, when deleted, then it is", (over) => {
  expect(decideDeleteOwner(given("owner", "o", [created, identity, over])).type).toBe("owner.deleted");
});

test("given an update, then the references and the birthday stay", () => {
  const owner = given("owner", "o", [
    created,
    identity,
    { type: "owner.updated", data: { kind: "user", name: "new", email: "a@b.test" } },
  ]);
  expect(owner).toMatchObject({ kind: "user", name: "new", email: "a@b.test", references: 1 });
  expect(owner.created_at < owner.updated_at).toBe(true);
});
