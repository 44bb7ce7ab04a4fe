/** One request through the API: alone, doubled, cut and tried again, or again when it was answered long ago. */
import { expect } from "vitest";
import type { Fault } from "../faults.ts";
import type { Appended } from "../tail.ts";
import { type Answer, subject } from "./estate.ts";
import type { Asked, Outcome } from "./requests/asked.ts";
import type { Spec, TenantSpec } from "./spec.ts";
import type { Side, World } from "./world.ts";

const week = 7 * 86_400_000;

/** What the product does of itself. */
const ours = new Set([
  "crl.published",
  "crl.delta-published",
  "crl-shard.opened",
  "crl-shard.reserved",
  "ocsp-responder.rotated",
  "ra-certificate.rotated",
  "outbox.delivered",
  "certificate.reconciled",
  "tenant.signature-reconciled",
]);

/** Takes up what the product did of itself. @returns what requests did */
export async function absorb(world: World, side: Side, tenant: TenantSpec): Promise<Appended[]> {
  const own: Appended[] = [];
  for (const event of await world.news(side)) {
    if (event.actor.subject === subject && !ours.has(event.type)) {
      own.push(event);
      continue;
    }
    expect(ours, `${event.actor.subject} brought about ${event.type}`).toContain(event.type);
    if (event.type !== "certificate.reconciled") continue;
    expect(tenant.orphans--, "only what was cut is found in the journal alone").toBeGreaterThan(0);
    tenant.certificates.set(event.stream.id, {
      issuer: String(event.data["issuer"]),
      shard: Number(event.data["shard"]),
      serial: String(event.data["serial"]),
      notAfter: Date.parse(String(event.data["not_after"])),
      identity: undefined,
      replaces: undefined,
      status: "revoked",
    });
  }
  return own;
}

export interface Performance {
  readonly asked: Asked;
  readonly key: string;
  /** The same request this many times at once. */
  readonly times: number;
  readonly fault?: Fault | undefined;
}

interface Performed {
  /** Cut, and nothing came of it. */
  readonly lost: boolean;
  /** The event that it came to. */
  readonly did: string | undefined;
}

export async function perform(spec: Spec, world: World, side: Side, performance: Performance): Promise<Performed> {
  const { asked, key, times } = performance;
  const tenant = spec.tenants[side];
  const outcome = asked.outcome(spec, tenant);
  // Who waits for a publication that fails would wait for real: there a fault is always the end of the process.
  const fault = performance.fault && { ...performance.fault, dies: performance.fault.dies || asked.publishes === true };
  world.estate.arm(fault);
  const answers = await Promise.all(
    Array.from({ length: times }, () => world.estate.request(world.tenant(side), asked, key, asked.publishes === true)),
  );
  const struck = await world.estate.disarm();
  const own = await absorb(world, side, tenant);
  const event = own.find(({ type }) => type === outcome.event);
  for (const answer of answers) {
    if (struck && answer.status >= 500) continue;
    expect(answer, asked.text).toMatchObject({ status: outcome.status });
    if (outcome.status < 400) expect(event, `${asked.text} is in the log`).toBeDefined();
    if (event !== undefined && outcome.shows !== undefined && answer.status < 400)
      expect(answer.body["id"]).toBe(outcome.shows(event));
  }
  const failed = own.find(({ type }) => type === "identity.issuance-failed");
  if (event !== undefined) outcome.apply?.(event);
  else if (struck && failed !== undefined) fail(tenant, failed);
  expect(own, `what ${asked.text} did`).toEqual(event !== undefined ? [event] : struck && failed ? [failed] : []);
  if (!struck && outcome.event !== undefined) expect(event, `${asked.text} is in the log`).toBeDefined();
  const lost = struck && answers.every(({ status }) => status >= 500);
  if (struck && asked.signs === true && event?.type !== outcome.event) tenant.orphans++;
  // Of several at once one is the first, and shows what is shown once.
  const heard = answers.find(({ status, replayed }) => status < 400 && !replayed);
  if (event !== undefined && heard !== undefined) remember(tenant, world, side, performance, outcome, event, heard);
  if (lost && event !== undefined && outcome.status < 400) await hearAgain(world, side, performance, outcome, event);
  return { lost: lost && event === undefined, did: event?.type };
}

function fail(tenant: TenantSpec, { stream, data }: Appended): void {
  const identity = tenant.identities.get(stream.id);
  Object.assign(identity ?? {}, { status: "failed", retry: data["retry_to"] });
}

/** Its answer was lost, its effect was not: the same request again is answered with what the first one did. */
async function hearAgain(
  world: World,
  side: Side,
  { asked, key }: Performance,
  outcome: Outcome,
  event: Appended,
): Promise<void> {
  const answer = await world.estate.request(world.tenant(side), asked, key, false);
  expect(answer).toMatchObject({ status: outcome.status, replayed: true });
  if (outcome.shows !== undefined) expect(answer.body["id"]).toBe(outcome.shows(event));
  world.done[side].push({
    asked,
    key,
    status: outcome.status,
    shown: outcome.shows?.(event),
    at: world.clock.now(),
  });
}

function remember(
  tenant: TenantSpec,
  world: World,
  side: Side,
  { asked, key }: Performance,
  outcome: Outcome,
  event: Appended,
  answer: Answer,
): void {
  const shown = outcome.shows?.(event);
  world.done[side].push({ asked, key, status: outcome.status, shown, at: world.clock.now() });
  expect(answer.body["private_key_status"] ?? "none").not.toBe("already_shown");
  const token = answer.body["token"];
  const minted = tenant.tokens.get(event.stream.id);
  if (minted !== undefined && typeof token === "string") minted.text = token;
}

const anOwner = { method: "POST", path: "/owners", body: { kind: "team", name: "another" } };

/** An answered request again: the same answer from the state as it is; under its key no other request. */
export async function replay(spec: Spec, world: World, side: Side, at: number, other: boolean): Promise<void> {
  const tenant = spec.tenants[side];
  const done = world.done[side][at % Math.max(world.done[side].length, 1)];
  if (done === undefined || Math.abs(spec.now - done.at) >= week) return;
  const { asked, key, status, shown } = done;
  const named = asked.body !== undefined && "name" in asked.body;
  const another = named ? { ...asked, body: { ...asked.body, name: "another" } } : anOwner;
  const answer = await world.estate.request(world.tenant(side), other ? another : asked, key, false);
  expect(await absorb(world, side, tenant), "nothing is done twice").toEqual([]);
  if (other) {
    expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    return;
  }
  const gone = asked.path.startsWith("/owners") && shown !== undefined && !tenant.owners.has(shown);
  expect(answer).toMatchObject(gone ? { status: 404 } : { status, replayed: true });
  if (shown !== undefined && !gone) expect(answer.body["id"]).toBe(shown);
  for (const secret of ["token", "private_key"]) expect(answer.body[secret] ?? null, "shown once").toBeNull();
}
