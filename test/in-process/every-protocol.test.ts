/** What every enrolment protocol must keep (behaviour §21), asked of each by a client of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { profileSpec } from "#shared/contracts/api/profiles";
import { sha256Hex } from "#shared/crypto/hash";
import { createPool } from "#shared/http/pool";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { generalNameText } from "#shared/pki/general-name";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { revokeCredential } from "#shared/usecases/enrolment-credentials";
import { disableEndpoint } from "#shared/usecases/enrolment-endpoints";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { createProfileVersion } from "#shared/usecases/profiles";
import { reconcile } from "#shared/usecases/reconcile";
import type { Ask, Outcome, Secret } from "#test/enrolment/client";
import { type EnrolmentHost, enrolmentProtocols, openEnrolmentHost, otherTenant, tenant } from "#test/enrolment/host";
import { protocolClients } from "#test/enrolment/registry";
import { adminCall } from "./house.ts";

const name = "device.example.com";

it("each protocol of the registry has a client here, and no other", () => {
  expect(Object.keys(protocolClients).toSorted()).toEqual(enrolmentProtocols.toSorted());
});

const issuedOf = (outcome: Outcome): Uint8Array => {
  if (!("issued" in outcome)) throw new Error(JSON.stringify(outcome));
  return outcome.issued;
};

let labels = 0;
const newLabel = (): string => `web-${++labels}`;

describe.each(enrolmentProtocols)("%s", (protocol) => {
  const client = protocolClients[protocol];
  if (client === undefined) throw new Error(`nothing here speaks ${protocol}`);

  let host: EnrolmentHost;
  /** Of the endpoint that a test has for itself. */
  let label: string;
  beforeAll(async () => {
    host = await openEnrolmentHost();
  });
  afterAll(async () => {
    if (host.house.reported.length > 0) throw new AggregateError(host.house.reported, "reported as faults of ours");
    await host[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    label = newLabel();
  });

  const certificates = async (of = host, at = label) =>
    (await of.house.deps.log.list(tenant, "certificate", { limit: 1000 })).items.filter(
      ({ state }) => state.endpoint === at,
    );
  const waiting = async (at = label) =>
    (await host.house.deps.log.list(tenant, "enrolment-request", { limit: 1000 })).items.filter(
      ({ state }) => state.endpoint === at,
    );
  const ask = (over: Partial<Ask>) => client(host, { label, credential: undefined, name, ...over });
  const outcome = async (over: Partial<Ask>): Promise<Outcome> => (await ask(over)).send();
  /** Refused, in words; nothing was issued, and nothing is to be approved. */
  const refuses = async (over: Partial<Ask>): Promise<string> => {
    const { deps } = host.house;
    const all = async () => [
      (await deps.log.list(tenant, "certificate", { limit: 1000 })).items.length,
      (await deps.log.list(tenant, "enrolment-request", { limit: 1000 })).items.length,
    ];
    const before = await all();
    const said = await outcome(over);
    if (!("refused" in said)) throw new Error(`it was let in: ${Object.keys(said).join()}`);
    expect(await all()).toEqual(before);
    return said.refused;
  };

  it("issues: the certificate is in the inventory with protocol and endpoint, and in the log with who asked", async () => {
    const { deps } = host.house;
    await host.endpoint(protocol, label);
    const der = issuedOf(await outcome({ credential: await host.credential(label) }));
    expect(parseCertificate(der).sans.map(generalNameText)).toEqual([`dns:${name}`]);
    const [listed, ...others] = await certificates();
    expect(others).toEqual([]);
    expect(listed?.state).toMatchObject({ fingerprint: sha256Hex(der), protocol, endpoint: label, status: "active" });
    const events = await deps.log.read(tenant, 0, 0, 1000);
    const issued = events.filter(({ event }) => event.type === "certificate.issued" && event.data.endpoint === label);
    expect(issued.map(({ actor }) => actor.subject)).toEqual([expect.stringMatching(`^${protocol}:[a-z]+/.+`)]);
    host.house.advance(120_000);
    expect(await reconcile(deps, adminCall(tenant))).toMatchObject({ unjournalled: [], repaired: [] });
    expect(deps.protocolRequests.all().map(([request]) => request)).toContainEqual(
      expect.objectContaining({ protocol, decision: "allow" }),
    );
  });

  it("on the paths without a label the endpoint answers that is marked default, and without one nobody", async () => {
    await host.endpoint(protocol, label);
    const credential = await host.credential(label);
    await refuses({ label: undefined, credential });
    const main = newLabel();
    await host.endpoint(protocol, main, { default: true });
    issuedOf(await outcome({ label: undefined, credential: await host.credential(main) }));
    expect(await certificates(host, main)).toHaveLength(1);
  });

  it("the same request again is answered with the same certificate, also under a credential for one use", async () => {
    await host.endpoint(protocol, label);
    const request = await ask({ credential: await host.credential(label) });
    const first = issuedOf(await request.send());
    expect(Buffer.from(issuedOf(await request.send())).equals(first)).toBe(true);
    expect(await certificates()).toHaveLength(1);
  });

  it("a credential for one use brings no second certificate", async () => {
    await host.endpoint(protocol, label);
    const credential = await host.credential(label);
    issuedOf(await outcome({ credential }));
    await refuses({ credential, name: "second.example.com" });
  });

  it.each<[string, (own: Secret) => Promise<Secret | undefined>]>([
    ["nothing", () => Promise.resolve(undefined)],
    ["a wrong secret", (own) => Promise.resolve({ ...own, secret: Buffer.alloc(32, 7).toString("base64url") })],
    ["an id that nobody has", (own) => Promise.resolve({ ...own, id: "a".repeat(16) })],
    [
      "another endpoint's",
      async () => {
        const other = newLabel();
        await host.endpoint(protocol, other);
        return host.credential(other);
      },
    ],
    [
      "another tenant's",
      async () => {
        const theirs = newLabel();
        await host.endpoint(protocol, theirs, {}, otherTenant);
        return host.credential(theirs, {}, otherTenant);
      },
    ],
    ["a revoked one", (own) => revokeCredential(host.house.deps, adminCall(tenant), own.id).then(() => own)],
    [
      "an expired one",
      async (own) => {
        host.house.advance(86_400_000);
        return own;
      },
    ],
  ])("refuses who shows %s, and writes nothing into the log", async (_, spoil) => {
    const { deps } = host.house;
    await host.endpoint(protocol, label);
    const own = await host.credential(label);
    const credential = await spoil(own);
    const first = await ask({ credential: own }); // what asking needs (an RA certificate) is there
    expect(first).toBeDefined();
    const heads = await deps.log.heads(tenant);
    const said = await refuses({ credential });
    if (credential !== undefined) expect(said).not.toContain(credential.secret);
    expect(await deps.log.heads(tenant)).toEqual(heads);
    const denials = deps.protocolRequests.all().filter(([request]) => request.decision === "deny");
    expect(denials.map(([request]) => request.protocol)).toContain(protocol);
  });

  it("a credential grants its own names only", async () => {
    await host.endpoint(protocol, label);
    await refuses({ credential: await host.credential(label, { names: ["another.example.com"] }) });
    issuedOf(await outcome({ credential: await host.credential(label, { names: [name] }) }));
  });

  it("an endpoint that is unknown, disabled, or not for this protocol answers nobody", async () => {
    const { deps } = host.house;
    await host.endpoint(protocol, label);
    const credential = await host.credential(label);
    await refuses({ label: "nobody", credential });
    const [other = ""] = enrolmentProtocols.filter((one) => one !== protocol);
    const another = newLabel();
    await host.endpoint(other, another);
    await refuses({ label: another, credential: await host.credential(another) });
    await disableEndpoint(deps, adminCall(tenant), label);
    await refuses({ credential });
  });

  it("the profile decides, as on the API", async () => {
    const { deps } = host.house;
    const profile = (id: string, spec: object) =>
      createProfileVersion(deps, adminCall(tenant), id, profileSpec.parse(spec));
    await profile("api-only", { allowed_protocols: ["api"] });
    await profile("inside", { allowed_dns_suffixes: ["inside.test"] });
    const [apiOnly, inside] = [newLabel(), newLabel()];
    for (const [at, id] of [
      [apiOnly, "api-only"],
      [inside, "inside"],
    ] as const) {
      await host.endpoint(protocol, at, { profile: id });
      await refuses({ label: at, credential: await host.credential(at) });
    }
    issuedOf(await outcome({ label: inside, credential: await host.credential(inside), name: "a.inside.test" }));
  });

  it("waits for a person where the endpoint says so; the same request then brings the certificate", async () => {
    const { deps } = host.house;
    await host.endpoint(protocol, label, { approval: "manual" });
    const request = await ask({ credential: await host.credential(label) });
    expect(await request.send()).toEqual({ pending: true });
    expect(await request.send()).toEqual({ pending: true });
    const items = await waiting();
    expect(items.map(({ state }) => state)).toEqual([
      expect.objectContaining({ protocol, endpoint: label, names: [`dns:${name}`] }),
    ]);
    await approveRequest(deps, adminCall(tenant), items[0]?.id ?? "");
    const der = issuedOf(await request.send());
    expect(Buffer.from(issuedOf(await request.send())).equals(der)).toBe(true);
    expect(await certificates()).toHaveLength(1);
  });

  it("says that a person refused, and why", async () => {
    const { deps } = host.house;
    await host.endpoint(protocol, label, { approval: "manual" });
    const request = await ask({ credential: await host.credential(label) });
    expect(await request.send()).toEqual({ pending: true });
    const items = await waiting();
    await refuseRequest(deps, adminCall(tenant), items[0]?.id ?? "", "not one of our devices");
    expect(await request.send()).toEqual({ refused: expect.stringContaining("not one of our devices") as string });
    expect(await certificates()).toEqual([]);
  });

  it("sheds what its own bulkhead does not hold: 503, and when to come back", async () => {
    const full = { ...createPool(1), run: () => Promise.reject(new Failure("overloaded", "full", { retryAfter: 7 })) };
    const answers: Response[] = [];
    await using busy = await openEnrolmentHost(() => full);
    await busy.endpoint(protocol, label);
    const credential = await busy.credential(label);
    const watched = {
      ...busy,
      async fetch(request: Request) {
        const answer = await busy.fetch(request);
        answers.push(answer.clone());
        return answer;
      },
    };
    await client(watched, { label, credential, name }).then(
      (request) => request.send(),
      () => undefined, // a client cannot make its request without what it fetches before
    );
    const shed = answers.filter(({ status }) => status === 503);
    expect(shed.length).toBeGreaterThan(0);
    for (const answer of shed) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await certificates(busy)).toEqual([]);
    expect(busy.house.deps.protocolRequests.all().map(([request]) => request)).toContainEqual(
      expect.objectContaining({ protocol, decision: "shed" }),
    );
  });

  it("answers only under the host's own names", async () => {
    await host.endpoint(protocol, label);
    const credential = await host.credential(label);
    const statuses: number[] = [];
    const elsewhere = {
      ...host,
      async fetch(request: Request) {
        const headers = new Headers(request.headers);
        headers.set("host", "attacker.example");
        const answer = await host.fetch(new Request(request, { headers }));
        statuses.push(answer.status);
        return answer;
      },
    };
    await client(elsewhere, { label, credential, name }).then(
      (request) => request.send(),
      () => undefined,
    );
    expect(new Set(statuses)).toEqual(new Set([421]));
    expect(await certificates()).toEqual([]);
  });
});
