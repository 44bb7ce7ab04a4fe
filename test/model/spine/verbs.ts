/** What can be done to the aggregates of a tenant, and what each of them does to the model. Nothing of `evolve` is in it. */
import type { AggregateKind } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import type { TenantSpec } from "./spec.ts";

export const verbs = [
  "owner.create",
  "owner.update",
  "owner.delete",
  "identity.create",
  "identity.cancel",
  "member.put",
  "member.put",
  "member.offboard",
  "token.create",
  "token.revoke",
  "outbox.redrive",
  "outbox.redrive",
  "outbox.redrive",
] as const;
type Verb = (typeof verbs)[number];

export const ids = ["a", "b", "c", "d", "e", "f"] as const;

export interface Wish {
  readonly verb: Verb;
  readonly id: (typeof ids)[number];
  readonly other: (typeof ids)[number];
  readonly text: string;
}

/** The wish, or the nearest to it that is possible now: a refused one teaches little. */
export function nearestPlan(tenant: TenantSpec, wish: Wish): Plan {
  for (const id of from(wish.id)) {
    for (const other of from(wish.other)) {
      const plan = planOf(tenant, { ...wish, id, other });
      if (plan !== undefined) return plan;
    }
  }
  return planOf(tenant, { ...wish, verb: "member.put" }) as Plan;
}

const from = (id: (typeof ids)[number]): readonly (typeof ids)[number][] => {
  const at = ids.indexOf(id);
  return [...ids.slice(at), ...ids.slice(0, at)];
};

export interface Plan {
  readonly stream: readonly [AggregateKind, string];
  readonly touches: readonly (readonly [AggregateKind, string])[];
  readonly event: DomainEvent;
  readonly apply: (tenant: TenantSpec) => void;
}

/** What a wish comes to in the model's present, or undefined where a decision would refuse it. */
function planOf(tenant: TenantSpec, { verb, id, other, text }: Wish): Plan | undefined {
  const kind = verb.slice(0, verb.indexOf(".")) as AggregateKind;
  const facts = tenant.factsOf(kind, id);
  const known = tenant.knows(kind, id);
  const plan = (event: DomainEvent, apply: Plan["apply"], touches: Plan["touches"] = []): Plan => ({
    stream: [kind, id],
    touches,
    event,
    apply,
  });
  const data = { kind: "team" as const, name: text, email: null };
  const rules: Record<Verb, () => Plan | undefined> = {
    "owner.create": () =>
      known ? undefined : plan({ type: "owner.created", data }, (t) => t.set(kind, id, { name: text, references: 0 })),
    "owner.update": () =>
      facts && plan({ type: "owner.updated", data }, (t) => t.set(kind, id, { ...t.factsOf(kind, id), name: text })),
    "owner.delete": () =>
      facts?.["references"] === 0
        ? plan({ type: "owner.deleted", data: {} }, (t) => t.set(kind, id, undefined))
        : undefined,
    "identity.create": () =>
      known || tenant.factsOf("owner", other) === undefined
        ? undefined
        : plan(
            { type: "identity.created", data: requested(text, other) },
            (t) => {
              t.set(kind, id, { status: "requested", owner: other });
              t.refer(other, 1);
            },
            [["owner", other]],
          ),
    "identity.cancel": () => {
      if (facts?.["status"] !== "requested") return undefined;
      const owner = String(facts["owner"]);
      return plan(
        { type: "identity.cancelled", data: { note: null, owner } },
        (t) => {
          t.set(kind, id, { status: "cancelled", owner });
          t.refer(owner, -1);
        },
        [["owner", owner]],
      );
    },
    "member.put": () =>
      plan({ type: "member.upserted", data: { display_name: text, email: null, roles: ["viewer"] } }, (t) =>
        t.set(kind, id, { display_name: text, status: "active" }),
      ),
    "member.offboard": () =>
      facts?.["status"] === "active"
        ? plan({ type: "member.offboarded", data: { reason: text } }, (t) =>
            t.set(kind, id, { ...facts, status: "offboarded" }),
          )
        : undefined,
    "token.create": () =>
      known
        ? undefined
        : plan(
            { type: "token.created", data: { subject: text, scopes: [], secret_sha256: "00", expires_at: null } },
            (t) => t.set(kind, id, { subject: text, revocation_reason: null }),
          ),
    "token.revoke": () =>
      facts?.["revocation_reason"] === null
        ? plan({ type: "token.revoked", data: { reason: `r${text}` } }, (t) =>
            t.set(kind, id, { ...facts, revocation_reason: `r${text}` }),
          )
        : undefined,
    "outbox.redrive": () => redrive(tenant),
  };
  return rules[verb]();
}

const requested = (name: string, owner: string) => ({
  kind: "x509_certificate" as const,
  name,
  owner,
  issuer: null,
  profile: null,
  dns_names: [],
  attributes: {},
});

/** The last dead effect. */
function redrive(tenant: TenantSpec): Plan | undefined {
  const dead = [...tenant.outbox.effects.values()].findLast(({ status }) => status === "dead");
  return (
    dead && {
      stream: ["outbox", dead.id],
      touches: [],
      event: { type: "outbox.redriven", data: { destination: dead.destination } },
      apply(t) {
        t.settle(dead.id, "pending");
        // It starts over with all its attempts.
        Object.assign(dead, { attempts: 0, nextAt: 0 });
      },
    }
  );
}
