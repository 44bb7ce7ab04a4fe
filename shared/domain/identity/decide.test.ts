import { describe, expect, test } from "vitest";
import { identityStatuses, transitionTargets } from "#shared/contracts/api/identities";
import { given, issued, moment } from "#test/domain/given";
import type { DomainEvent } from "../events.ts";
import { assertTransition, decideTransition, type PlainTransition } from "./decide.ts";
import type { Identity } from "./identity.ts";
import { edges, type IdentityStatus, type TransitionTarget } from "./transitions.ts";

const created: DomainEvent = {
  type: "identity.created",
  data: { kind: "x509_certificate", name: "i", owner: "o", issuer: null, profile: null, dns_names: [], attributes: {} },
};
const minted = (serial: string, to: "issued" | "renewing", not_after = moment(86_400)): DomainEvent =>
  issued(serial, { identity: { id: "i", to }, not_after });
const failed = (retry_to: "issued" | "renewing"): DomainEvent => ({
  type: "identity.issuance-failed",
  data: { code: "unavailable", detail: "the signer is down", retry_to },
});
const deployed: DomainEvent = { type: "identity.deployed", data: { note: "nginx" } };
const revoked: DomainEvent = { type: "identity.revoked", data: { reason: "superseded", certificates: [] } };
const retired: DomainEvent = { type: "identity.retired", data: { note: null, owner: "o" } };
const cancelled: DomainEvent = { type: "identity.cancelled", data: { note: null, owner: "o" } };

const lives: Readonly<Record<string, readonly DomainEvent[]>> = {
  requested: [created],
  issued: [created, minted("01", "issued")],
  deployed: [created, minted("01", "issued"), deployed],
  renewing: [created, minted("01", "issued"), deployed, minted("02", "renewing")],
  revoked: [created, minted("01", "issued"), revoked],
  retired: [created, minted("01", "issued"), revoked, retired],
  cancelled: [created, cancelled],
  "failed first issuance": [created, failed("issued")],
  "failed renewal": [created, minted("01", "issued"), deployed, failed("renewing")],
};

/** Behaviour §9 by hand, with the failure state and the way to cancel. */
const allowed: Readonly<Record<keyof typeof lives, readonly TransitionTarget[]>> = {
  requested: ["issued", "cancelled"],
  issued: ["deployed", "revoked"],
  deployed: ["renewing", "revoked"],
  renewing: ["deployed", "revoked"],
  revoked: ["retired"],
  retired: [],
  cancelled: [],
  "failed first issuance": ["issued", "cancelled"],
  "failed renewal": ["renewing", "deployed", "revoked"],
};

const eventOf = {
  deployed: "identity.deployed",
  revoked: "identity.revoked",
  retired: "identity.retired",
  cancelled: "identity.cancelled",
} as const;

const statusOf = (life: string): IdentityStatus => (life.startsWith("failed") ? "failed" : (life as IdentityStatus));

const identityAt = (life: string): Identity => given("identity", "i", lives[life] ?? []);

const transition = (to: PlainTransition["to"]): PlainTransition => ({
  to,
  reason: "keyCompromise",
  note: "n",
  certificates: [{ issuer: "ca", serial: "01", shard: 0 }],
});

describe("every edge", () => {
  const pairs = Object.keys(lives).flatMap((life) => transitionTargets.map((to) => ({ life, to })));

  test.each(pairs)("$life to $to", ({ life, to }) => {
    const identity = identityAt(life);
    expect(identity.status).toBe(statusOf(life));
    const targets = allowed[life] ?? [];
    if (!targets.includes(to)) {
      expect(() => assertTransition(identity, to)).toThrow(
        expect.objectContaining({
          code: "invalid_transition",
          field: "to",
          extensions: { from: identity.status, to, allowed: targets },
        }) as Error,
      );
      return;
    }
    expect(() => assertTransition(identity, to)).not.toThrow();
    if (to === "issued" || to === "renewing") return;
    const event = decideTransition(identity, transition(to));
    expect(event.type).toBe(eventOf[to]);
    const after = given("identity", "i", [...(lives[life] ?? []), event]);
    expect(after).toMatchObject({ status: to, failure: null });
    expect(after.history.at(-1)).toMatchObject({ from: identity.status, to, by: "tester" });
  });

  test("there is one for each status, and every status can be left or is final by intent", () => {
    expect(Object.keys(edges).toSorted()).toEqual([...identityStatuses].toSorted());
    expect(identityStatuses.filter((status) => edges[status].length === 0)).toEqual(["retired", "cancelled"]);
  });
});

describe("what happens to an identity", () => {
  test("given a failed issuance, then the failure says what and when, and a success clears it", () => {
    const identity = identityAt("failed first issuance");
    expect(identity.failure).toEqual({
      code: "unavailable",
      detail: "the signer is down",
      retry_to: "issued",
      at: moment(1),
    });
    const after = given("identity", "i", [...(lives["failed first issuance"] ?? []), minted("01", "issued")]);
    expect(after).toMatchObject({ status: "issued", failure: null, certificate: "ca-01" });
  });

  test("given a failed renewal, then the deployed certificate is still live, and deployment may be said again", () => {
    const identity = identityAt("failed renewal");
    expect(identity.live_certificates.map(({ id }) => id)).toEqual(["ca-01"]);
    expect(decideTransition(identity, transition("deployed"))).toEqual({
      type: "identity.deployed",
      data: { note: "n" },
    });
  });

  test("given two certificates, when one is revoked by itself, then the identity stays; with the last it is revoked", () => {
    const revoke = (serial: string): DomainEvent => ({
      type: "certificate.revoked",
      data: { issuer: "ca", serial, shard: 0, reason: "keyCompromise" },
    });
    const events = [...(lives["renewing"] ?? []), revoke("01")];
    const one = given("identity", "i", events);
    expect(one).toMatchObject({ status: "renewing" });
    expect(one.live_certificates.map(({ id }) => id)).toEqual(["ca-02"]);
    expect(given("identity", "i", [...events, revoke("02")])).toMatchObject({
      status: "revoked",
      live_certificates: [],
    });
  });

  test("given an identity that is over, when a certificate that had expired before is revoked, then it stays over", () => {
    const identity = given("identity", "i", [
      created,
      minted("01", "issued", moment(2)),
      deployed,
      minted("02", "renewing"),
      { type: "identity.revoked", data: { reason: "superseded", certificates: [] } },
      { type: "identity.retired", data: { note: null, owner: "o" } },
      { type: "certificate.revoked", data: { issuer: "ca", serial: "01", shard: 0, reason: "keyCompromise" } },
    ]);
    expect(identity.status).toBe("retired");
  });

  test("given a failed renewal, when one of two certificates is revoked, then the way to try again stays", () => {
    const identity = given("identity", "i", [
      created,
      minted("01", "issued"),
      deployed,
      minted("02", "renewing"),
      deployed,
      failed("renewing"),
      { type: "certificate.revoked", data: { issuer: "ca", serial: "01", shard: 0, reason: "superseded" } },
    ]);
    expect(identity.status).toBe("failed");
    expect(() => assertTransition(identity, "renewing")).not.toThrow();
    expect(() => assertTransition(identity, "issued")).toThrow("cannot go from failed to issued");
  });

  test("given expired certificates, then they are no longer live", () => {
    const events: DomainEvent[] = [created, minted("01", "issued", moment(2)), deployed];
    for (let n = 0; n < 3; n++) events.push(minted(`1${n}`, "renewing"), deployed);
    expect(given("identity", "i", events).live_certificates.map(({ id }) => id)).toEqual(["ca-10", "ca-11", "ca-12"]);
  });

  test("given a long life, then the history is bounded and ends with the newest", () => {
    const events: DomainEvent[] = [created, minted("01", "issued"), deployed];
    for (let n = 0; n < 60; n++) events.push(minted(`a${n}`, "renewing"), deployed);
    const { history } = given("identity", "i", events);
    expect(history).toHaveLength(50);
    expect(history.at(-1)).toMatchObject({ from: "renewing", to: "deployed", at: moment(events.length - 1) });
  });

  test("given another identity's certificate, then it is a defect and not silently taken", () => {
    expect(() => given("identity", "i", [created, issued("01", { identity: { id: "j", to: "issued" } })])).toThrow(
      TypeError,
    );
    expect(() => given("identity", "i", [created, issued("01")])).toThrow(TypeError);
  });
});
