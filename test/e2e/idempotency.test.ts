import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { isMutation } from "#shared/contracts/operation";
import { operations, type OperationId } from "#shared/contracts/operations";
import { type Answer, everyItem, type Host, type Json, settledHeads, startHost } from "./host.ts";
import { newCsr } from "./openssl.ts";
import { fill, noSuccess, owner, type Samples, samplesFor, signedInSession } from "./samples.ts";

let host: Host;
let csr: string;
let samples: Samples;
beforeAll(async () => {
  host = await startHost();
  csr = await newCsr(host.directory, "leaf", "app.example.test");
  samples = samplesFor(csr, () => signedInSession(host, "default", "local-admin"));
  return () => host.stop();
});

/** They write no event where all is in order: asked again, they look again. */
const comparesOnly: ReadonlySet<OperationId> = new Set(["audit.reconcile", "audit.checkpoint"]);
/** What only the first answer shows. */
const shownOnce: Partial<Record<OperationId, object>> = {
  "access.create-token": { token: null, token_status: "already_shown" },
  "enrolment-credentials.create": { secret: null, secret_status: "already_shown" },
  "identities.transition": { private_key: null, private_key_status: "already_shown" },
};

/** What goes on by itself: asked again, it shows how far it is. */
const goesOn: Partial<Record<OperationId, object>> = {
  "revocations.create": { status: expect.any(String), matched: expect.any(Number), updated_at: expect.any(String) },
  "circuits.reset": { pending: expect.any(Number) },
  "projections.retry": { events_behind: expect.any(Number) },
};

const mutations = operations.filter(
  (operation) => isMutation(operation) && !noSuccess.has(operation.id) && !comparesOnly.has(operation.id),
);

describe.each(mutations.map((operation) => [operation.id, operation] as const))("%s", (id, operation) => {
  const request = async () => ({
    path: fill(operation.path, (await samples.paramsFor(operation)?.(host.admin)) ?? {}),
    body: await samples.bodyFor(id, host.admin),
    key: randomUUID(),
  });

  it("under the same key is answered again and not done again", async () => {
    const { path, body, key } = await request();
    const first = await host.admin.send(operation.method, path, { body, key });
    expect([first.status, first.headers["idempotency-replayed"]], first.text).toEqual([operation.status, undefined]);
    const before = await settledHeads(host.admin);
    for (let tries = 0; tries < 2; tries++) {
      const again = await host.admin.send(operation.method, path, { body, key });
      expect([again.status, again.headers["idempotency-replayed"]], again.text).toEqual([operation.status, "true"]);
      expect(again.json).toEqual(first.json && { ...first.json, ...shownOnce[id], ...goesOn[id] });
    }
    expect(await settledHeads(host.admin)).toEqual(before);
  });

  it("under a key that was used for something else is refused: 422", async () => {
    const { path, body, key } = await request();
    await host.admin.send("POST", "/owners", { body: { kind: "user", name: "first" }, key });
    const before = await settledHeads(host.admin);
    const refused = await host.admin.send(operation.method, path, { body, key });
    expect([refused.status, refused.json.code, refused.json.field]).toEqual([
      422,
      "idempotency_mismatch",
      "Idempotency-Key",
    ]);
    expect(await settledHeads(host.admin)).toEqual(before);
  });

  it("twenty times at once is done once", async () => {
    const { path, body, key } = await request();
    const before = await head();
    const answers = await atOnce(() => host.admin.send(operation.method, path, { body, key }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => operation.status));
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === undefined)).toHaveLength(1);
    const [id] = new Set(answers.map(({ json }) => json?.id ?? json?.name ?? json?.subject));
    for (const { json } of answers) expect(json?.id ?? json?.name ?? json?.subject).toBe(id);
    const written = (await eventsAfter(before)).filter(({ type }) => !afterwards.has(type));
    expect(written.map(({ type }) => type)).toHaveLength(1);
  });
});

const atOnce = (send: () => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: 20 }, send));

/** What the product does by itself because of a mutation. */
const afterwards = new Set([
  "outbox.delivered",
  "crl.published",
  "crl.delta-published",
  "ocsp-responder.rotated",
  "revocation-job.counted",
]);

const head = async (): Promise<number> => (await settledHeads(host.admin))[0].sequence;
async function eventsAfter(sequence: number): Promise<Json[]> {
  await settledHeads(host.admin);
  const { items } = await host.admin.ok("GET", "/audit/events?limit=100");
  return items.filter((event: Json) => event.sequence > sequence);
}

const signatures = async (): Promise<{ signatures: number; recorded: number }> => {
  await settledHeads(host.admin);
  return host.admin.ok("POST", "/audit/reconcile");
};

describe("a certificate", () => {
  it("asked for twenty times at once under one key is one certificate and one signature", async () => {
    const before = [await signatures(), (await everyItem(host.admin, "/certificates")).length] as const;
    const key = randomUUID();
    const answers = await atOnce(() => host.admin.send("POST", "/certificates", { body: { csr }, key }));
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.id} ${json.certificate}`)).size).toBe(1);
    const after = await signatures();
    expect(after).toMatchObject({
      signatures: before[0].signatures + 1,
      recorded: before[0].recorded + 1,
      in_flight: 0,
    });
    expect((await everyItem(host.admin, "/certificates")).length).toBe(before[1] + 1);
  });

  it("asked for in two ways at once under one key is one certificate: the other way is refused, and not signed", async () => {
    const other = await newCsr(host.directory, "other", "other.example.test");
    const before = await signatures();
    const key = randomUUID();
    let turn = 0;
    const answers = await atOnce(() =>
      host.admin.send("POST", "/certificates", { body: { csr: turn++ % 2 === 0 ? csr : other }, key }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status, json }) => status === 422 && json.code === "idempotency_mismatch")).toHaveLength(
      10,
    );
    expect((await signatures()).signatures).toBe(before.signatures + 1);
  });

  it("with a key made here, asked for twenty times at once, is one certificate, and one answer has the key", async () => {
    const { id } = await host.admin.ok("POST", "/identities", {
      name: "once.example.test",
      owner_id: (await owner(host.admin)).id,
    });
    const before = await signatures();
    const key = randomUUID();
    const answers = await atOnce(() =>
      host.admin.send("POST", `/identities/${id}/transitions`, { body: { to: "issued", generate_key: true }, key }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ json }) => json.certificate_id)).size).toBe(1);
    expect(answers.filter(({ json }) => json.private_key !== null)).toHaveLength(1);
    expect((await signatures()).signatures).toBe(before.signatures + 1);
  });

  it("asked for under twenty keys at once is twenty certificates", async () => {
    const answers = await atOnce(() => host.admin.send("POST", "/certificates", { body: { csr } }));
    expect(new Set(answers.map(({ json }) => json.serial)).size).toBe(20);
  });
});

describe("a key", () => {
  it("binds method, path, body and caller", async () => {
    const key = randomUUID();
    const body = { kind: "team", name: "bound", email: "a@example.test" };
    const first = await host.admin.send("POST", "/owners", { body, key });
    expect(first.status).toBe(201);
    const { token } = await host.admin.ok("POST", "/access/api-tokens", { subject: "somebody-else", scopes: ["*"] });
    const others = [
      () => host.admin.send("POST", "/owners", { body: { ...body, name: "other" }, key }),
      () => host.admin.send("PUT", `/owners/${first.json.id}`, { body, key }),
      () => host.admin.send("DELETE", `/owners/${first.json.id}`, { key }),
      () => host.as(token).send("POST", "/owners", { body, key }),
    ];
    for (const other of others)
      expect((await other()).json).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    // The same request in other letters is the same request.
    const raw = '{ "email": "a@example.test",\n "name": "bound", "kind": "team" }';
    const again = await host.admin.send("POST", "/owners", { raw, key });
    expect([again.status, again.json]).toEqual([201, first.json]);
  });

  it("of one tenant says nothing to another", async () => {
    const key = randomUUID();
    const other = host.as(await host.token({ tenant: "other", scopes: ["*"] }));
    const body = { kind: "team", name: "same" };
    const [one, two] = [
      await host.admin.send("POST", "/owners", { body, key }),
      await other.send("POST", "/owners", { body, key }),
    ];
    expect([one.status, two.status, two.headers["idempotency-replayed"]]).toEqual([201, 201, undefined]);
    expect(two.json.id).not.toBe(one.json.id);
  });

  it("does not remember a failure: what was refused can be tried again under it", async () => {
    const { id } = await host.admin.ok("POST", "/identities", { name: "x", owner_id: (await owner(host.admin)).id });
    const key = randomUUID();
    const deploy = (): Promise<Answer> =>
      host.admin.send("POST", `/identities/${id}/transitions`, { body: { to: "deployed" }, key });
    expect((await deploy()).status).toBe(409);
    await host.admin.ok("POST", `/identities/${id}/transitions`, {
      to: "issued",
      csr: await newCsr(host.directory, "x", "x.example.test"),
    });
    const done = await deploy();
    expect([done.status, done.json.status, done.headers["idempotency-replayed"]]).toEqual([200, "deployed", undefined]);
    const malformed = randomUUID();
    expect((await host.admin.send("POST", "/owners", { raw: "{", key: malformed })).status).toBe(400);
    expect(
      (await host.admin.send("POST", "/owners", { body: { kind: "team", name: "y" }, key: malformed })).status,
    ).toBe(201);
  });
});
