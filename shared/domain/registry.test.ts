/** What holds for every aggregate: what is decided can be evolved, and what does not concern it is refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "#events/catalogue/catalogue";
import { happened } from "#test/domain/given";
import { type Aggregate, aggregateKinds } from "./aggregate.ts";
import type { DomainEvent, EventType } from "./events.ts";
import { decideTransition } from "./identity/decide.ts";
import { identityAggregate, type Identity } from "./identity/identity.ts";
import { decideOffboardMember, decidePutMember } from "./member/decide.ts";
import type { Member } from "./member/member.ts";
import { decideDeleteOwner } from "./owner/decide.ts";
import type { Owner } from "./owner/owner.ts";
import { aggregates } from "./registry.ts";
import { decideMintToken, decideRevokeToken } from "./token/decide.ts";
import type { Token } from "./token/token.ts";

/** Which events an aggregate answers to, by hand: another one is a defect and must not pass unseen. */
const concerns: Readonly<Record<(typeof aggregateKinds)[number], readonly EventType[]>> = {
  tenant: [
    "tenant.registered",
    "tenant.restored",
    "region.failover",
    "tenant.log-pruned",
    "tenant.signature-reconciled",
  ],
  owner: [
    "owner.created",
    "owner.updated",
    "owner.deleted",
    "identity.created",
    "identity.cancelled",
    "identity.retired",
    "certificate.issued",
    "enrolment-endpoint.created",
    "enrolment-endpoint.updated",
    "enrolment-endpoint.disabled",
  ],
  issuer: ["issuer.created", "crl-shard.opened", "issuer.retired"],
  profile: ["profile.version-created"],
  "profile-version": ["profile.version-created"],
  identity: [
    "identity.created",
    "identity.issuance-failed",
    "identity.deployed",
    "identity.revoked",
    "identity.retired",
    "identity.cancelled",
    "certificate.issued",
    "certificate.revoked",
    "revocation-job.advanced",
  ],
  certificate: [
    "certificate.issued",
    "certificate.revoked",
    "certificate.reconciled",
    "identity.revoked",
    "revocation-job.advanced",
    "issuer.created",
  ],
  revocation: ["certificate.revoked", "certificate.reconciled", "identity.revoked", "revocation-job.advanced"],
  "revocation-job": [
    "revocation-job.created",
    "revocation-job.counted",
    "revocation-job.advanced",
    "revocation-job.published",
    "revocation-job.handed-on",
    "revocation-job.cancelled",
  ],
  crl: ["crl.published", "crl.delta-published"],
  "crl-shard": ["issuer.created", "crl-shard.opened", "crl-shard.reserved"],
  "ocsp-responder": ["ocsp-responder.rotated"],
  "ra-certificate": ["ra-certificate.rotated"],
  token: ["token.created", "token.revoked"],
  member: ["member.upserted", "member.offboarded"],
  person: ["person.signed-in", "person.stepped-up", "person.signed-out", "person.sessions-ended"],
  "enrolment-endpoint": [
    "enrolment-endpoint.created",
    "enrolment-endpoint.updated",
    "enrolment-endpoint.disabled",
    "enrolment-credential.created",
    "enrolment-credential.revoked",
    "enrolment-credential.removed",
    "enrolment-request.created",
    "enrolment-request.refused",
    "certificate.issued",
  ],
  "enrolment-credential": [
    "enrolment-credential.created",
    "enrolment-credential.revoked",
    "enrolment-credential.removed",
    "enrolment-request.created",
    "certificate.issued",
  ],
  "enrolment-request": [
    "enrolment-request.created",
    "enrolment-request.refused",
    "enrolment-request.removed",
    "certificate.issued",
  ],
  "acme-account": [
    "acme-account.created",
    "acme-account.updated",
    "acme-account.terms-agreed",
    "acme-account.key-changed",
    "acme-account.deactivated",
  ],
  "acme-account-key": ["acme-account.created", "acme-account.key-changed"],
  "acme-authorization": [
    "acme-authorization.created",
    "acme-authorization.attempted",
    "acme-authorization.validated",
    "acme-authorization.failed",
    "acme-authorization.deactivated",
    "acme-order.created",
  ],
  "acme-authorized-name": ["acme-authorization.validated", "acme-authorization.failed", "acme-order.created"],
  "acme-order": ["acme-order.created", "acme-order.submitted", "certificate.issued"],
  intervention: ["circuit.reset", "projection.retried"],
  outbox: ["outbox.delivered", "outbox.dead", "outbox.redriven"],
};

describe("an event that means nothing to an aggregate is a TypeError", () => {
  test.each(aggregateKinds)("%s", (kind) => {
    for (const type of Object.keys(catalogue) as EventType[]) {
      if (concerns[kind].includes(type)) continue;
      const event = { type, data: {} } as DomainEvent;
      for (const state of [undefined, {}])
        expect(() => (aggregates[kind] as Aggregate<unknown>).evolve(state, event, happened(), "x")).toThrow(TypeError);
    }
  });
});

test("the table has every kind, and no other", () => {
  expect(Object.keys(aggregates).toSorted()).toEqual([...aggregateKinds].toSorted());
});

type Decide<S> = (state: S | undefined, dice: { readonly pick: number; readonly text: string }) => DomainEvent;

/** Decides and evolves in turns. What a decision refuses changes nothing; what it allows, `evolve` understands. */
function live<S>(aggregate: Aggregate<S>, id: string, choices: readonly Decide<S>[]): void {
  const dice = fc.record({ choice: fc.nat(choices.length - 1), pick: fc.nat(9), text: fc.string({ maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(dice, { maxLength: 25, size: "max" }), (steps) => {
      let state: S | undefined;
      steps.forEach(({ choice, ...rest }, n) => {
        let event: DomainEvent;
        try {
          event = (choices[choice] as Decide<S>)(state, rest);
        } catch {
          return;
        }
        const frozen = deepFreeze(structuredClone(state));
        const next = aggregate.evolve(frozen, deepFreeze(event), happened(n), id);
        // Pure: the same again from the same.
        expect(aggregate.evolve(frozen, event, happened(n), id)).toEqual(next);
        state = next === undefined ? undefined : (JSON.parse(JSON.stringify(next)) as S);
        expect(state).toEqual(next);
      });
    }),
    { numRuns: 60 },
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

const some = <S>(state: S | undefined): S => {
  if (state === undefined) throw new Error("not there");
  return state;
};
const none = <S>(state: S | undefined, event: DomainEvent): DomainEvent => {
  if (state !== undefined) throw new Error("there already");
  return event;
};

describe("evolve understands everything that is decided", () => {
  test("owner", () => {
    live<Owner>(aggregates.owner, "o", [
      (state, { text }) => none(state, { type: "owner.created", data: { kind: "team", name: text, email: null } }),
      (state) => decideDeleteOwner(some(state)),
      (state, { text }) => some(state) && { type: "owner.updated", data: { kind: "user", name: text, email: text } },
    ]);
  });

  test("identity", () => {
    live<Identity>(identityAggregate, "i", [
      (state, { text }) =>
        none(state, {
          type: "identity.created",
          data: {
            kind: "x509_certificate",
            name: text,
            owner: "o",
            issuer: null,
            profile: null,
            dns_names: [],
            attributes: {},
          },
        }),
      (state, { pick, text }) =>
        decideTransition(some(state), {
          to: (["deployed", "revoked", "retired", "cancelled"] as const)[pick % 4] ?? "deployed",
          reason: "superseded",
          note: text,
          certificates: [],
        }),
      (state, { pick }) =>
        some(state) && {
          type: "identity.issuance-failed",
          data: { code: "unavailable", detail: "", retry_to: pick % 2 === 0 ? "issued" : "renewing" },
        },
    ]);
  });

  test("token", () => {
    live<Token>(aggregates.token, "t", [
      (state, { text }) =>
        none(
          state,
          decideMintToken(
            { subject: text, scopes: ["*"], secret_sha256: "", expires_at: null, now: "", held: ["*"] },
            undefined,
          ),
        ),
      (state, { text }) => decideRevokeToken(some(state), text),
    ]);
  });

  test("member", () => {
    live<Member>(aggregates.member, "m", [
      (state, { text }) => decidePutMember({ display_name: text, email: null, roles: ["viewer"], held: ["*"] }, state),
      (state, { text }) => decideOffboardMember(some(state), text),
    ]);
  });
});

describe("an outbox entry", () => {
  const effect = { id: "e", destination: "mail", payload: { n: 1 } };
  const ask: DomainEvent = { type: "issuer.retired", data: {} };

  test("comes into being with whatever event asks for it, and with no other", () => {
    const at = happened(0, { effects: [effect] });
    expect(aggregates.outbox.evolve(undefined, ask, at, "e")).toMatchObject({
      status: "pending",
      attempts: 0,
      payload: { n: 1 },
    });
    expect(() => aggregates.outbox.evolve(undefined, ask, at, "other")).toThrow(TypeError);
  });

  test("stands in the view of those that wait or of those that died, and in none once it is delivered", () => {
    const pending = aggregates.outbox.evolve(undefined, ask, happened(0, { effects: [effect] }), "e");
    if (pending === undefined) throw new Error("no entry");
    const data = { destination: "mail", attempts: 10, error: "no" };
    const view = (state: typeof pending | undefined) => state && aggregates.outbox.view?.(state)?.name;
    const dead = aggregates.outbox.evolve(pending, { type: "outbox.dead", data }, happened(1), "e");
    expect(view(pending)).toBe("outbox-pending");
    expect(view(dead)).toBe("outbox-dead");
    const again = aggregates.outbox.evolve(
      dead,
      { type: "outbox.redriven", data: { destination: "mail" } },
      happened(2),
      "e",
    );
    expect(view(again)).toBe("outbox-pending");
    expect(again).toMatchObject({ status: "pending", attempts: 0, error: null });
    expect(view(aggregates.outbox.evolve(again, { type: "outbox.delivered", data }, happened(3), "e"))).toBeUndefined();
  });
});
