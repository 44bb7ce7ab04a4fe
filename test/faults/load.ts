/** Clients that do what a careful client does: one key for one operation, tried again until it is answered. */
import { randomUUID } from "node:crypto";
import type { Answer, Api, Json } from "./api.ts";
import type { Certificate, Identity, Ledger, Mutation } from "./ledger.ts";
import { pause, type Random } from "./random.ts";
import { newCsr, newName } from "./requests.ts";
import { doubled, wrong } from "./violation.ts";

export interface Load {
  /** Lets everybody finish what they have begun. @throws the first Violation that a client saw */
  stop(): Promise<void>;
  /** Sends everybody home: the installation is lost. */
  abort(): void;
  /** Answers that were refusals, by status: that there were some shows that the fault was felt. */
  readonly refusals: ReadonlyMap<string, number>;
}

export interface LoadPlan {
  readonly api: Api;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly owner: string;
  readonly clients: number;
}

const retryMs = 60;
const settleMs = 45_000;
/** Of requests that got no answer so many are never asked again: the installation has to tidy up by itself. */
const abandonedPart = 0.15;

export function startLoad({ api, ledger, random, owner, clients }: LoadPlan): Load {
  const refusals = new Map<string, number>();
  const count = (what: string): void => void refusals.set(what, (refusals.get(what) ?? 0) + 1);
  let stopping = false;
  let aborted = false;

  /** Until there is an answer. @returns undefined when it was given up */
  async function settle(mutation: Mutation, mayGiveUp: boolean): Promise<Json> {
    const until = Date.now() + settleMs;
    for (let tries = 1; ; tries++) {
      const answer = await attempt(mutation);
      if (aborted) throw new Error("the load was aborted");
      if (answer !== undefined && answer.status < 300) return accepted(mutation, answer);
      if (answer !== undefined) judgeRefusal(mutation, answer);
      if (mayGiveUp && tries === 1 && random.chance(abandonedPart)) return undefined;
      if (Date.now() > until)
        wrong(`POST ${mutation.path} (key ${mutation.key}) was not answered for ${settleMs / 1000} s: ${said(answer)}`);
      await pause(retryMs);
    }
  }

  async function attempt({ path, body, key }: Mutation): Promise<Answer | undefined> {
    try {
      return await api.send("POST", path, body, key);
    } catch {
      count("no answer");
      return undefined;
    }
  }

  /** A fault of ours is 503 with Retry-After, never anything else: no 500, and nothing that blames the request. */
  function judgeRefusal({ path, key }: Mutation, answer: Answer): void {
    count(String(answer.status));
    if (answer.status === 503 && answer.retryAfter !== undefined) return;
    if (answer.status === 409 && answer.json?.code === "conflict" && answer.retryAfter !== undefined) return;
    wrong(`POST ${path} (key ${key}) was refused with ${said(answer)}`);
  }

  function accepted(mutation: Mutation, { json }: Answer): Json {
    const { id } = json as { id: string };
    if (mutation.acknowledged !== undefined && mutation.acknowledged !== id)
      doubled(`key ${mutation.key} was answered with ${mutation.acknowledged} and with ${id}`);
    mutation.acknowledged = id;
    return json as Json;
  }

  function mutation(path: string, body: object, name?: string): Mutation {
    const made: Mutation = { key: randomUUID(), path, body, name, acknowledged: undefined };
    ledger.mutations.push(made);
    return made;
  }

  async function issue(): Promise<void> {
    const name = newName();
    const asked = mutation("/certificates", { csr: newCsr(name) }, name);
    const twice = random.chance(0.2);
    const answers = await Promise.all(twice ? [settle(asked, false), settle(asked, false)] : [settle(asked, true)]);
    if (answers[0] === undefined) ledger.abandoned.add(name);
    else ledger.issued(answers[0], name);
  }

  async function revoke(): Promise<void> {
    const mine = [...ledger.certificates.values()].filter(
      ({ revoked, identity }) => revoked === "no" && identity === undefined,
    );
    if (mine.length === 0) return issue();
    const certificate = random.pick(mine);
    markRevoked(certificate, "unknown");
    const answer = await settle(mutation(`/certificates/${certificate.id}/revoke`, { reason: "superseded" }), true);
    if (answer !== undefined) markRevoked(certificate, "yes");
  }

  function markRevoked(certificate: Certificate, to: Certificate["revoked"]): void {
    if (certificate.revoked !== "yes") certificate.revoked = to;
    certificate.round = ledger.round;
  }

  async function live(): Promise<void> {
    const name = newName();
    const created = await settle(mutation("/identities", { name, owner_id: owner }), true);
    if (created === undefined) return;
    const identity: Identity = { id: created.id, states: ["requested"], round: ledger.round };
    ledger.identities.set(identity.id, identity);
    const first = await move(identity, "issued", name);
    if (first === undefined) return;
    await move(identity, "deployed");
    if (random.chance(0.4)) {
      await move(identity, "renewing", newName());
      await move(identity, "deployed");
    }
    if (!random.chance(0.3)) return;
    const all = [...ledger.certificates.values()].filter((one) => one.identity === identity.id);
    for (const certificate of all) markRevoked(certificate, "unknown");
    await move(identity, "revoked");
    for (const certificate of all) markRevoked(certificate, "yes");
  }

  async function move(identity: Identity, to: string, name?: string): Promise<Certificate | undefined> {
    const before = identity.states;
    // A signer that is away is remembered as a failed try, which the next one mends.
    identity.states = [...before, "failed", to];
    const body = { to, ...(name !== undefined && { csr: newCsr(name) }) };
    const answer = await settle(mutation(`/identities/${identity.id}/transitions`, body, name), false);
    identity.states = [to];
    identity.round = ledger.round;
    if (name === undefined || answer?.certificate === null || answer === undefined) return undefined;
    return ledger.issued(answer.certificate, name, identity.id);
  }

  /** The same request once more, long after its yes: the same answer. */
  async function repeat(): Promise<void> {
    const answered = ledger.mutations.filter(({ acknowledged }) => acknowledged !== undefined);
    if (answered.length > 0) await settle(random.pick(answered), false);
  }

  async function client(): Promise<void> {
    while (!stopping) {
      const turn = random.next();
      if (turn < 0.6) await issue();
      else if (turn < 0.8) await revoke();
      else if (turn < 0.9) await live();
      else await repeat();
    }
  }

  const work = Promise.allSettled(Array.from({ length: clients }, client));
  return {
    refusals,
    abort() {
      stopping = true;
      aborted = true;
    },
    async stop() {
      stopping = true;
      for (const one of await work) if (one.status === "rejected") throw one.reason as Error;
    },
  };
}

const said = (answer: Answer | undefined): string =>
  answer === undefined ? "no answer" : `${answer.status} ${JSON.stringify(answer.json)?.slice(0, 300)}`;
