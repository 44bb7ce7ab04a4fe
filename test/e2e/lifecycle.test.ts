import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type identityStatuses, transitionTargets } from "#shared/contracts/api/identities";
import { type Answer, eventually, fetchPlain, type Host, type Json, settledHeads, startHost } from "./host.ts";
import { type Bundle, bundleFiles, newCsr, ocspStatus, openssl, urlsIn, verifyChain } from "./openssl.ts";

type Status = (typeof identityStatuses)[number];
type Target = (typeof transitionTargets)[number];

/** The lifecycle as it was promised (behaviour §9, with failure and cancelling); written here by hand, not imported. */
const promised: Readonly<Record<Exclude<Status, "failed">, readonly Target[]>> = {
  requested: ["issued", "cancelled"],
  issued: ["deployed", "revoked"],
  deployed: ["renewing", "revoked"],
  renewing: ["deployed", "revoked"],
  revoked: ["retired"],
  retired: [],
  cancelled: [],
};

let host: Host;
let rootPem: string;
beforeAll(async () => {
  host = await startHost();
  rootPem = (await host.admin.ok("GET", "/issuers/root")).certificate;
  return () => host.stop();
});

const newOwner = async (): Promise<string> =>
  (await host.admin.ok("POST", "/owners", { kind: "team", name: "platform" })).id;

async function newIdentity(more: object = {}): Promise<string> {
  const body = { name: "app.example.test", owner_id: await newOwner(), ...more };
  return (await host.admin.ok("POST", "/identities", body)).id;
}

const move = (id: string, to: Target, more: object = {}): Promise<Json> =>
  host.admin.ok("POST", `/identities/${id}/transitions`, { to, ...more });
const tryToMove = (id: string, body: object, key?: string): Promise<Answer> =>
  host.admin.send("POST", `/identities/${id}/transitions`, { body, ...(key !== undefined && { key }) });
const show = (id: string): Promise<Json> => host.admin.ok("GET", `/identities/${id}`);
const head = (): Promise<Json> => settledHeads(host.admin);

async function filesOf(certificate: Json): Promise<Bundle> {
  const pem = [certificate.certificate, ...certificate.chain].join("");
  const bundle = bundleFiles(host.directory, `c-${randomUUID()}`, pem, rootPem);
  expect((await verifyChain(bundle)).code).toBe(0);
  return bundle;
}

async function onCrl({ leaf }: Bundle): Promise<true> {
  const { crl } = await urlsIn(leaf);
  const serial = (await openssl("x509", "-in", leaf, "-noout", "-serial")).trim().replace("serial=", "");
  return eventually(`${serial} on its CRL`, async () => {
    writeFileSync(`${leaf}.crl`, (await fetchPlain(crl)).bytes);
    const text = await openssl("crl", "-inform", "DER", "-in", `${leaf}.crl`, "-noout", "-text");
    return text.includes(`Serial Number: ${serial}`) ? true : undefined;
  });
}

/** An identity brought there from its request. */
async function identityIn(status: Exclude<Status, "failed">): Promise<string> {
  const ways: Readonly<Record<typeof status, readonly Target[]>> = {
    requested: [],
    cancelled: ["cancelled"],
    issued: ["issued"],
    deployed: ["issued", "deployed"],
    renewing: ["issued", "deployed", "renewing"],
    revoked: ["issued", "revoked"],
    retired: ["issued", "revoked", "retired"],
  };
  const id = await newIdentity();
  for (const to of ways[status]) await move(id, to, mints(to) ? { generate_key: true } : {});
  expect((await show(id)).status).toBe(status);
  return id;
}

const mints = (to: Target): boolean => to === "issued" || to === "renewing";

describe("an identity", () => {
  it("is minted for, deployed, renewed, revoked with all that lives of it, and retired", async () => {
    const owner = await newOwner();
    const issuer = await host.admin.ok("POST", "/issuers", { name: "Lifecycle CA" });
    const id = await newIdentity({ owner_id: owner, issuer_id: issuer.id, dns_names: ["app.example.test"] });
    expect(await show(id)).toMatchObject({ status: "requested", certificate_id: null, owner_id: owner });

    const first = await move(id, "issued", { csr: await newCsr(host.directory, "first", "app.example.test") });
    expect(first).toMatchObject({ status: "issued", private_key: null, private_key_status: "none" });
    expect(first.certificate).toMatchObject({ id: first.certificate_id, identity_id: id, issuer_id: issuer.id });
    const inventory = await host.admin.ok("GET", `/certificates/${first.certificate_id}`);
    expect(inventory).toMatchObject({ identity_id: id, status: "active", sans: ["dns:app.example.test"] });

    await move(id, "deployed", { note: "by hand" });
    const second = await move(id, "renewing", { csr: await newCsr(host.directory, "second", "app.example.test") });
    expect(second).toMatchObject({ status: "renewing" });
    expect(second.certificate).toMatchObject({ identity_id: id, replaces_id: first.certificate_id });
    expect(await host.admin.ok("GET", `/certificates/${first.certificate_id}`)).toMatchObject({
      status: "superseded",
      replaced_by_id: second.certificate_id,
    });
    await move(id, "deployed");

    const bundles = [await filesOf(first.certificate), await filesOf(second.certificate)];
    await eventually(
      "a responder of the new issuer",
      async () =>
        (await fetchPlain(`${issuer.ocsp_url}/MA==`)).status === 400 &&
        (await ocspStatus(bundles[0] as Bundle).catch(() => undefined)),
    );
    // Superseded is not revoked: both certificates are in use until the new one is everywhere.
    expect(await Promise.all(bundles.map((bundle) => ocspStatus(bundle)))).toEqual(["good", "good"]);
    const revoked = await move(id, "revoked", { reason: "cessationOfOperation" });
    expect(revoked).toMatchObject({ status: "revoked", certificate: null });
    const answered = await Promise.all(bundles.map((bundle) => ocspStatus(bundle)));
    expect(answered).toEqual(["revoked cessationOfOperation", "revoked cessationOfOperation"]);
    for (const bundle of bundles) await onCrl(bundle);
    for (const certificate of [first, second])
      expect(await host.admin.ok("GET", `/certificates/${certificate.certificate_id}`)).toMatchObject({
        status: "revoked",
        revocation_reason: "cessationOfOperation",
      });

    const retired = await move(id, "retired", { note: "gone" });
    const steps = retired.history.map(({ to }: Json) => to);
    expect(steps).toEqual(["issued", "deployed", "renewing", "deployed", "revoked", "retired"]);
    expect(retired.history.map(({ from }: Json) => from)).toEqual(["requested", ...steps.slice(0, -1)]);
    expect(retired.history.at(-1)).toMatchObject({ by: "local-admin", reason: "gone" });
  });

  it("gets a key made here exactly once: the replay of the request has none", async () => {
    const id = await newIdentity({ name: "made.example.test" });
    const key = randomUUID();
    const first = await tryToMove(id, { to: "issued", generate_key: true }, key);
    expect(first.status, first.text).toBe(200);
    expect(first.json.private_key_status).toBe("shown");
    const bundle = await filesOf(first.json.certificate);
    const keyFile = join(host.directory, "made.key");
    writeFileSync(keyFile, first.json.private_key);
    expect(await openssl("pkey", "-in", keyFile, "-pubout")).toBe(
      await openssl("x509", "-in", bundle.leaf, "-noout", "-pubkey"),
    );
    const again = await tryToMove(id, { to: "issued", generate_key: true }, key);
    expect([again.status, again.headers["idempotency-replayed"]]).toEqual([200, "true"]);
    expect(again.json).toEqual({ ...first.json, private_key: null, private_key_status: "already_shown" });
    // Also after a renewal the replay shows what this request brought, not what came later.
    expect((await tryToMove(id, { to: "deployed" })).status).toBe(200);
    expect((await tryToMove(id, { to: "renewing", generate_key: true })).status).toBe(200);
    const later = await tryToMove(id, { to: "issued", generate_key: true }, key);
    expect(later.json.certificate.serial).toBe(first.json.certificate.serial);
    const shown = first.json.private_key.split("\n")[1] as string;
    expect((await host.admin.send("GET", "/audit/events?limit=100")).text).not.toContain(shown);
    expect(host.stdout() + host.stderr()).not.toContain(shown);
  });

  it("can be cancelled while it is only requested", async () => {
    const id = await newIdentity();
    expect(await move(id, "cancelled", { note: "not needed" })).toMatchObject({
      status: "cancelled",
      certificate: null,
    });
  });

  it("follows its certificate when that is revoked by itself", async () => {
    const id = await newIdentity();
    const { certificate_id } = await move(id, "issued", { generate_key: true });
    await host.admin.ok("POST", `/certificates/${certificate_id}/revoke`, { reason: "keyCompromise" });
    expect(await show(id)).toMatchObject({ status: "revoked" });
  });

  it("is told apart from its namesake: revoking one never touches the other's certificate", async () => {
    const owner_id = await newOwner();
    const ids = [await newIdentity({ owner_id }), await newIdentity({ owner_id })] as const;
    const certificates = [
      await move(ids[0], "issued", { generate_key: true }),
      await move(ids[1], "issued", { generate_key: true }),
    ];
    const [one, other] = [await filesOf(certificates[0].certificate), await filesOf(certificates[1].certificate)];
    await move(ids[0], "revoked");
    // `unspecified` is said by leaving the reason out (RFC 5280 5.3.1).
    expect(await ocspStatus(one)).toBe("revoked");
    expect(await ocspStatus(other)).toBe("good");
    expect(await show(ids[1])).toMatchObject({ status: "issued" });
  });

  it("mints only for the names that it was requested with", async () => {
    const id = await newIdentity({ dns_names: ["a.example.test", "b.example.test"] });
    const csr = await newCsr(host.directory, "names", "a.example.test");
    const before = await head();
    const answer = await tryToMove(id, { to: "issued", csr });
    expect([answer.status, answer.json.field]).toEqual([422, "csr"]);
    expect(answer.json.detail).toContain("b.example.test");
    expect(await show(id)).toMatchObject({ status: "requested", failure: null });
    expect(await head()).toEqual(before);
  });

  it("refuses a transition whose fields do not fit: 400 naming the field, and nothing happens", async () => {
    const [requested, issued] = [await newIdentity(), await identityIn("issued")];
    const csr = await newCsr(host.directory, "fields", "app.example.test");
    const before = await head();
    const cases = [
      [requested, { to: "issued" }, "csr"],
      [requested, { to: "issued", csr, generate_key: true }, "csr"],
      [requested, { to: "issued", csr: "no request" }, "csr"],
      [
        requested,
        { to: "issued", csr: csr.replace(/[A-Za-z]{8}/g, (text) => text.split("").reverse().join("")) },
        "csr",
      ],
      [requested, { to: "nowhere" }, "to"],
      [issued, { to: "deployed", csr }, "csr"],
      [issued, { to: "deployed", generate_key: true }, "generate_key"],
      [issued, { to: "deployed", reason: "superseded" }, "reason"],
      [issued, { to: "revoked", reason: "boredom" }, "reason"],
      [issued, { to: "revoked", reason: "removeFromCRL" }, "reason"],
    ] as const;
    for (const [id, body, field] of cases) {
      const answer = await tryToMove(id, body);
      expect([answer.status, answer.json.field], `${JSON.stringify(body).slice(0, 80)} ${answer.text}`).toEqual([
        400,
        field,
      ]);
    }
    expect(await head()).toEqual(before);
  });
});

describe.each(Object.entries(promised) as [Exclude<Status, "failed">, readonly Target[]][])(
  "from %s",
  (from, allowed) => {
    it("every edge that was not promised is refused: 409 with from and to, and nothing happens", async () => {
      const id = await identityIn(from);
      const before = [await head(), await show(id)];
      for (const to of transitionTargets.filter((target) => !allowed.includes(target))) {
        const { status, json, text } = await tryToMove(id, { to, ...(mints(to) && { generate_key: true }) });
        expect(status, `${to}: ${text}`).toBe(409);
        expect(json).toMatchObject({ code: "invalid_transition", from, to, field: "to" });
      }
      expect([await head(), await show(id)]).toEqual(before);
    });

    it.each(allowed)("goes on to %s", async (to) => {
      const id = await identityIn(from);
      expect(await move(id, to, mints(to) ? { generate_key: true } : {})).toMatchObject({ status: to });
    });
  },
);

describe("while the signer is down", () => {
  it("an issuance fails visibly, can be tried again, and then succeeds", async () => {
    const [id, other, third] = [await newIdentity(), await newIdentity(), await newIdentity()];
    const deployed = await identityIn("deployed");
    const { certificate_id: running } = await show(deployed);
    const body = { to: "issued", csr: await newCsr(host.directory, "failing", "app.example.test") };
    const key = randomUUID();
    await host.withoutSigner(async () => {
      const refused = await tryToMove(id, body, key);
      expect([refused.status, refused.json.code], refused.text).toEqual([503, "unavailable"]);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
      expect((await host.admin.send("GET", "//readyz")).json).toMatchObject({
        parts: { store: "ok", signer: "failing" },
      });
      const failed = await show(id);
      expect(failed).toMatchObject({
        status: "failed",
        certificate_id: null,
        failure: { code: "unavailable", retry_to: "issued" },
      });
      expect(failed.history).toHaveLength(1);
      for (const to of ["deployed", "renewing", "revoked", "retired"] as const) {
        const { status, json } = await tryToMove(id, { to, ...(mints(to) && { generate_key: true }) });
        expect([status, json.from, json.to]).toEqual([409, "failed", to]);
      }
      for (const failing of [other, third])
        expect((await tryToMove(failing, { to: "issued", generate_key: true })).status).toBe(503);
      expect(await move(other, "cancelled")).toMatchObject({ status: "cancelled", failure: null });
      expect((await tryToMove(deployed, { to: "renewing", generate_key: true })).status).toBe(503);
      expect(await show(deployed)).toMatchObject({
        status: "failed",
        certificate_id: running,
        failure: { retry_to: "renewing" },
      });
      expect((await tryToMove(deployed, { to: "issued", generate_key: true })).status).toBe(409);
    });
    // The same request under its key: a failure was not remembered as the answer.
    const retried = await tryToMove(id, body, key);
    expect([retried.status, retried.json.status, retried.json.failure], retried.text).toEqual([200, "issued", null]);
    await filesOf(retried.json.certificate);
    expect(await move(third, "issued", { generate_key: true })).toMatchObject({ private_key_status: "shown" });
    const renewed = await move(deployed, "renewing", { generate_key: true });
    expect(renewed.certificate).toMatchObject({ replaces_id: running });
    const events = await host.admin.ok("GET", "/audit/events?type=identity.issuance-failed");
    expect(events.items.length).toBe(4);
  });

  it("a failed renewal leaves the certificate in use, and its identity can be revoked", async () => {
    const deployed = await identityIn("deployed");
    const bundle = await filesOf(await host.admin.ok("GET", `/certificates/${(await show(deployed)).certificate_id}`));
    await host.withoutSigner(async () => {
      expect((await tryToMove(deployed, { to: "renewing", generate_key: true })).status).toBe(503);
      // Revoking needs no signature: it is in force at once, and the CRL follows when the signer is back.
      expect(await move(deployed, "revoked", { reason: "superseded" })).toMatchObject({ status: "revoked" });
    });
    expect(await ocspStatus(bundle)).toBe("revoked superseded");
    await onCrl(bundle);
  });
});

describe("an owner", () => {
  it("stays while something refers to it, and goes afterwards", async () => {
    const owner_id = await newOwner();
    const id = await newIdentity({ owner_id });
    const before = await head();
    const refused = await host.admin.send("DELETE", `/owners/${owner_id}`);
    expect([refused.status, refused.json.code, refused.json.references]).toEqual([409, "conflict", 1]);
    expect(await head()).toEqual(before);
    expect(await host.admin.ok("GET", `/owners/${owner_id}`)).toMatchObject({ id: owner_id });
    await move(id, "cancelled");
    expect((await host.admin.send("DELETE", `/owners/${owner_id}`)).status).toBe(204);
    expect((await host.admin.send("GET", `/owners/${owner_id}`)).status).toBe(404);
  });
});

it("leaves an audit trail that holds and reconciles", async () => {
  expect((await host.cli("audit", "verify")).stdout).toContain("the chain holds");
  const report = await host.admin.ok("POST", "/audit/reconcile");
  expect(report).toMatchObject({ clean: true, unjournalled: [], repaired: [] });
});
