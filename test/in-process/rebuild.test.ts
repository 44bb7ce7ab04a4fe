/** Whatever a tenant does through the usecases, the log alone gives every stored row again (I2, I3), and no signature is lost (I5). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { catalogue } from "#events/catalogue/catalogue";
import { profileSpec } from "#shared/contracts/api/profiles";
import { isFailure } from "#shared/kernel/failure";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { enrol } from "#shared/usecases/enrol";
import { createCredential, credentialFor, revokeCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, disableEndpoint, endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { createIdentity, transitionIdentity } from "#shared/usecases/identities";
import { issueCertificate, oldestIssuer } from "#shared/usecases/issue-certificate";
import { createIssuingCa } from "#shared/usecases/create-issuer";
import { offboardMember, putMember } from "#shared/usecases/members";
import { createOwner, deleteOwner, updateOwner } from "#shared/usecases/owners";
import { createProfileVersion } from "#shared/usecases/profiles";
import { registerTenant } from "#shared/usecases/register-tenant";
import { raIdentity } from "#shared/usecases/ra-identity";
import { reconcile } from "#shared/usecases/reconcile";
import { retireIssuer } from "#shared/usecases/retire-issuer";
import { noteProjectionRetried, resetCircuit } from "#shared/usecases/interventions";
import { cancelRevocation, startRevocation } from "#shared/usecases/revocation-jobs";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { endAllSessions } from "#shared/usecases/end-sessions-by";
import { renewSession } from "#shared/usecases/renew-session";
import { closeSession, openSession } from "#shared/usecases/sessions";
import { mintToken, revokeToken } from "#shared/usecases/tokens";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { storedRows } from "#test/log/local-log";
import { expectRebuildable, expectSoundChain } from "#test/log/sound";
import { adminCall, type House, newCsr, openHouse, revocationBaseUrl } from "./house.ts";

const targets = ["issued", "deployed", "renewing", "revoked", "retired", "cancelled"] as const;

/** What is known of a tenant by what its own commands answered. */
interface Known {
  readonly owners: string[];
  readonly identities: string[];
  readonly certificates: string[];
  readonly tokens: string[];
  readonly issuers: string[];
  readonly endpoints: string[];
  readonly credentials: string[];
  readonly requests: string[];
}

interface Dice {
  readonly to: (typeof targets)[number];
  readonly pick: number;
  readonly text: string;
}

type Act = (house: House, tenant: string, known: Known, dice: Dice) => Promise<void>;

const any = (list: readonly string[], { pick }: Dice): string => list[pick % list.length] ?? "nobody";

/** A CA name belongs to one key. */
let named = 0;

const acts: Readonly<Record<string, Act>> = {
  async createOwner({ deps }, tenant, { owners }, { text }) {
    owners.push(await createOwner(deps, adminCall(tenant), { kind: "team", name: text, email: null }));
  },
  async updateOwner({ deps }, tenant, { owners }, dice) {
    const fields = { kind: "user" as const, name: dice.text, email: "a@b.example" };
    await updateOwner(deps, adminCall(tenant), any(owners, dice), fields);
  },
  async deleteOwner({ deps }, tenant, { owners }, dice) {
    const owner = any(owners, dice);
    await deleteOwner(deps, adminCall(tenant), owner);
    owners.splice(owners.indexOf(owner), 1);
  },
  async createIdentity({ deps }, tenant, { owners, identities }, dice) {
    const created = await createIdentity(deps, adminCall(tenant), {
      name: "web",
      owner: any(owners, dice),
      issuer: undefined,
      profile: undefined,
      dnsNames: [`i${dice.pick}.example.test`],
      attributes: { note: dice.text, n: dice.pick },
    });
    identities.push(created);
  },
  async transition({ deps }, tenant, { identities }, dice) {
    const minting = dice.to === "issued" || dice.to === "renewing";
    const { privateKey } = await transitionIdentity(deps, adminCall(tenant), any(identities, dice), {
      to: dice.to,
      reason: dice.to === "revoked" ? "superseded" : undefined,
      note: dice.to === "deployed" ? dice.text : undefined,
      csr: undefined,
      generateKey: minting,
    });
    privateKey?.wipe();
  },
  async issue({ deps }, tenant, { owners, certificates }, dice) {
    const issued = await issueCertificate(deps, adminCall(tenant), {
      csr: newCsr(`c${dice.pick}.example.test`),
      protocol: "api",
      ...(dice.pick % 2 === 0 && owners.length > 0 && { owner: any(owners, dice) }),
    });
    certificates.push(issued.certificate.id);
  },
  async revoke({ deps }, tenant, { certificates }, dice) {
    await revokeCertificate(deps, adminCall(tenant), any(certificates, dice), "keyCompromise");
  },
  async mintToken({ deps }, tenant, { tokens }, { text }) {
    const minted = await mintToken(deps, adminCall(tenant), {
      subject: `s-${text}`,
      scopes: ["owners:read"],
      expiresAt: undefined,
    });
    tokens.push(minted.id);
  },
  async revokeToken({ deps }, tenant, { tokens }, dice) {
    await revokeToken(deps, adminCall(tenant), any(tokens, dice), dice.text);
  },
  async putMember({ deps }, tenant, _, { pick, text }) {
    await putMember(deps, adminCall(tenant), {
      subject: `m${pick % 3}`,
      displayName: text,
      email: null,
      roles: ["viewer", "viewer"],
    });
  },
  async offboard({ deps }, tenant, _, { pick, text }) {
    await offboardMember(deps, adminCall(tenant), `m${pick % 3}`, text);
  },
  async comeAndGo({ deps }, tenant, _, { pick }) {
    const way = { method: "local", provider: null, sid: null } as const;
    const who = { ...way, tenant, subject: `p${pick % 3}`, name: null, roles: [], scopes: [] };
    const [, id = ""] = (await openSession(deps, who)).split(".");
    await closeSession(deps, await renewSession(deps, id, who));
    await openSession(deps, who);
    await endAllSessions(deps, adminCall(tenant), who.subject);
  },
  async profile({ deps }, tenant, _, { pick }) {
    await createProfileVersion(
      deps,
      adminCall(tenant),
      `p${pick % 2}`,
      profileSpec.parse({ min_rsa_bits: 2048 + pick }),
    );
  },
  async createIssuer({ deps }, tenant, { issuers }, { pick }) {
    issuers.push(
      await createIssuingCa(deps, adminCall(tenant), {
        name: `CA ${pick} ${++named}`,
        keyAlgorithm: "P-256",
        validitySeconds: 365 * 86_400,
        permittedDns: pick % 2 === 0 ? ["example.test"] : [],
        revocationBaseUrl,
      }),
    );
  },
  async retireIssuer({ deps }, tenant, { issuers }, dice) {
    await retireIssuer(deps, adminCall(tenant), any(issuers, dice));
  },
  async revokeAll({ deps }, tenant, _, { pick, to }) {
    const id = await startRevocation(deps, adminCall(tenant), {
      mode: pick % 2 === 0 ? "revoke" : "preview",
      reason: "superseded",
      all: true,
      filter: {},
    });
    if (to === "cancelled") await cancelRevocation(deps, adminCall(tenant), id);
  },
  async mend({ deps }, tenant, _, { pick }) {
    if (pick % 2 === 0) await resetCircuit(deps, adminCall(tenant), "crl.publish");
    else await noteProjectionRetried(deps, adminCall(tenant), "certificates");
  },
  async openEndpoint({ deps }, tenant, { owners, endpoints }, { pick }) {
    const label = `e-${++named}`;
    await createEndpoint(deps, adminCall(tenant), label, endpointOf(pick, owners));
    endpoints.push(label);
  },
  async changeEndpoint({ deps }, tenant, { owners, endpoints }, dice) {
    await updateEndpoint(deps, adminCall(tenant), any(endpoints, dice), endpointOf(dice.pick, owners));
  },
  async disableEndpoint({ deps }, tenant, { endpoints }, dice) {
    await disableEndpoint(deps, adminCall(tenant), any(endpoints, dice));
  },
  async makeCredential({ deps }, tenant, { endpoints, credentials }, dice) {
    const made = await createCredential(deps, adminCall(tenant), {
      endpoint: any(endpoints, dice),
      names: [],
      maxUses: dice.pick % 4 === 3 ? null : (dice.pick % 4) + 1,
      expiresAt: new Date(deps.clock.now() + 7 * 86_400_000).toISOString(),
    });
    credentials.push(made.id);
  },
  async revokeCredential({ deps }, tenant, { credentials }, dice) {
    await revokeCredential(deps, adminCall(tenant), any(credentials, dice));
  },
  async enrol({ deps }, tenant, { credentials, requests, certificates }, dice) {
    const { state } = await deps.log.load(tenant, "enrolment-credential", any(credentials, dice));
    if (state === undefined) return;
    const endpoint = await endpointFor(deps, "est", state.endpoint);
    const { credential } = await credentialFor(deps, endpoint, any(credentials, dice));
    const answer = await enrol(deps, {
      endpoint,
      protocol: "est",
      subject: "est:test",
      transaction: `t-${++named}`,
      request: { csr: newCsr(`e${dice.pick}.example.test`) },
      credential,
    });
    if ("issued" in answer) certificates.push(answer.issued.certificate.id);
    else requests.push(answer.pending.request);
  },
  async approve({ deps }, tenant, { requests }, dice) {
    await approveRequest(deps, adminCall(tenant), any(requests, dice));
  },
  async refuse({ deps }, tenant, { requests }, dice) {
    await refuseRequest(deps, adminCall(tenant), any(requests, dice), dice.text);
  },
  async answerAsRa({ deps }, tenant) {
    const issuer = await oldestIssuer(deps, tenant);
    if (issuer !== undefined) await raIdentity(deps, tenant, issuer.id);
  },
  async aQuarterLater(house, tenant) {
    house.advance(100 * 86_400_000);
    await sweepEnrolment(house.deps, tenant);
  },
  async settle(house, tenant) {
    await house.settle(tenant);
  },
  async aDayLater(house, tenant) {
    house.advance(86_400_000);
    await freshenRevocation(house.deps, tenant, (_issuer, error) => {
      throw error;
    });
  },
};

const endpointOf = (pick: number, owners: readonly string[]) =>
  endpointSettings({
    owner: (pick % 2 === 1 ? owners[0] : undefined) ?? null,
    approval: pick % 3 === 1 ? "manual" : "automatic",
  });

const dice = fc.record({
  act: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...Object.keys(acts)) },
    { weight: 1, arbitrary: fc.constant("transition") },
  ),
  to: fc.constantFrom(...targets),
  pick: fc.nat(20),
  text: fc.string({ minLength: 1, maxLength: 6 }),
});
type Move = Dice & { readonly act: string };

const history: fc.Arbitrary<Move[][]> = fc.array(fc.array(dice, { minLength: 1, maxLength: 4, size: "max" }), {
  minLength: 8,
  maxLength: 14,
  size: "max",
});

/** One of everything, in an order in which it can be. */
const whole: Move[][] = (
  [
    ["createOwner"],
    ["updateOwner"],
    ["createIdentity"],
    ["transition", "issued"],
    ["transition", "deployed"],
    ["transition", "renewing"],
    ["transition", "deployed"],
    ["transition", "revoked"],
    ["settle"],
    ["transition", "retired"],
    ["deleteOwner"],
    ["createOwner"],
    ["issue"],
    ["revoke"],
    ["issue"],
    ["revokeAll"],
    ["settle"],
    ["revokeAll", "cancelled"],
    ["mintToken"],
    ["revokeToken"],
    ["putMember"],
    ["offboard"],
    ["comeAndGo"],
    ["profile"],
    ["createIssuer"],
    ["retireIssuer"],
    ["aDayLater"],
    ["settle"],
    ["openEndpoint"],
    ["makeCredential"],
    ["enrol"],
    ["revokeCredential"],
    ["makeCredential", "issued", 2],
    ["changeEndpoint", "issued", 1],
    ["enrol", "issued", 1],
    ["approve"],
    ["enrol", "issued", 1],
    ["refuse", "issued", 1],
    ["enrol", "issued", 1],
    ["answerAsRa"],
    ["aQuarterLater"],
    ["aQuarterLater"],
    ["disableEndpoint"],
    ["mend"],
    ["mend", "issued", 1],
  ] as const
).map(([act, to = "issued", pick = 0]) => [{ act, to, pick, text: "x" }]);

const cancelled: Move[][] = (["createOwner", "createIdentity", "transition"] as const).map((act) => [
  { act, to: "cancelled", pick: 0, text: "x" },
]);

/** What an administrator can be told, or a client whose credential was revoked. Anything else is a defect. */
const answers = new Set([
  "unauthenticated",
  "not_found",
  "conflict",
  "unprocessable",
  "invalid_field",
  "invalid_transition",
]);

let tenants = 0;

/** @returns how many commands were refused, and the types of the events */
async function live(
  house: House,
  steps: readonly (readonly Move[])[],
): Promise<{ refused: string[]; types: string[] }> {
  const tenant = `acme-${++tenants}`;
  await registerTenant(house.deps, { tenant, name: tenant, revocationBaseUrl });
  const known: Known = {
    owners: [],
    identities: [],
    certificates: [],
    tokens: [],
    issuers: [],
    endpoints: [],
    credentials: [],
    requests: [],
  };
  const refused: string[] = [];
  for (const step of steps) {
    const done = await Promise.allSettled(step.map(async (move) => await acts[move.act]?.(house, tenant, known, move)));
    for (const outcome of done) {
      if (outcome.status === "fulfilled") continue;
      const reason: unknown = outcome.reason;
      const text = reason instanceof Error ? `${reason.stack}` : String(reason);
      refused.push(text);
      expect(isFailure(reason) && answers.has(reason.code), `unexpected: ${text}`).toBe(true);
    }
  }
  const { log, tables } = house.deps;
  const events = await expectSoundChain(log, tenant);
  await expectRebuildable({ log, tables, rows: storedRows(house.sqlite, tenant) }, tenant);
  expect((await compareWithLog(log, tables.tenant(tenant), tenant)).differing).toEqual([]);
  await expectCounted(house, tenant);
  // Two that mint for one identity at once both get a signature, and one a commit: the other is found, and revoked.
  house.advance(120_000);
  expect((await reconcile(house.deps, adminCall(tenant))).unjournalled).toEqual([]);
  const report = await reconcile(house.deps, adminCall(tenant));
  expect(report).toMatchObject({ repaired: [], unjournalled: [], inFlight: 0, recorded: report.signatures });
  await expectRebuildable({ log, tables, rows: storedRows(house.sqlite, tenant) }, tenant);
  return { refused, types: events.map(({ type }) => type) };
}

/** What endpoints and credentials count is what there is. */
async function expectCounted({ deps: { log } }: House, tenant: string): Promise<void> {
  const all = { limit: 1000 };
  const [endpoints, credentials, requests] = await Promise.all([
    log.list(tenant, "enrolment-endpoint", all),
    log.list(tenant, "enrolment-credential", all),
    log.list(tenant, "enrolment-request", all),
  ]);
  for (const { id, state } of endpoints.items) {
    const open = credentials.items.filter((one) => one.state.endpoint === id && one.state.revoked_at === null);
    const pending = requests.items.filter((one) => one.state.endpoint === id && one.state.status === "pending");
    expect(state).toMatchObject({ open_credentials: open.length, pending_requests: pending.length });
  }
  for (const { state } of credentials.items)
    if (state.max_uses !== null) expect(state.uses.length).toBeLessThanOrEqual(state.max_uses);
}

test("every row of a random tenant comes back from its log, byte for byte", { timeout: 60_000 }, async () => {
  await using house = await openHouse([]);
  await fc.assert(
    fc.asyncProperty(history, async (steps) => void (await live(house, steps))),
    { numRuns: 5 },
  );
  expect(house.reported).toEqual([]);
});

test("so it is for one that did everything once", async () => {
  await using house = await openHouse([]);
  const first = await live(house, whole);
  const second = await live(house, cancelled);
  expect([...first.refused, ...second.refused]).toEqual([]);
  const seen = new Set([...first.types, ...second.types]);
  const troubleOnly = [
    "tenant.restored",
    "region.failover",
    "tenant.log-pruned",
    "tenant.signature-reconciled",
    "certificate.reconciled",
    "identity.issuance-failed",
    "outbox.dead",
    "outbox.redriven",
    // After 1,000 certificates of an issuer: see crl-shards.test.ts.
    "crl-shard.opened",
    "crl-shard.reserved",
    // After 40 batches: see bulk-revocation.test.ts.
    "revocation-job.handed-on",
  ];
  // Those of ACME: see acme-state.test.ts.
  const here = Object.keys(catalogue).filter((type) => !type.startsWith("acme-"));
  expect(here.filter((type) => !seen.has(type))).toEqual(troubleOnly.toSorted(byCatalogue));
});

const byCatalogue = (a: string, b: string): number =>
  Object.keys(catalogue).indexOf(a) - Object.keys(catalogue).indexOf(b);
