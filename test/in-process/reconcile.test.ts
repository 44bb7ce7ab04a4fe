import { expect, it } from "vitest";
import type { EventLog } from "#shared/ports/event-log";
import { Failure } from "#shared/kernel/failure";
import { compareWithLog } from "#events/log/compare";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { publishCrl } from "#shared/usecases/publish-crl";
import { reconcile } from "#shared/usecases/reconcile";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const minute = 60_000;

/** A log whose commits are lost on the way: what a crash between signature and commit looks like. */
const lost = (log: EventLog): EventLog => ({
  ...log,
  commit: () => Promise.reject(new Failure("unavailable", "the disk is full")),
});

it("is clean after ordinary work", async () => {
  await using house = await openHouse();
  await issueCertificate(house.deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });
  house.advance(2 * minute);
  expect(await reconcile(house.deps, adminCall("acme"))).toMatchObject({
    signatures: 9,
    recorded: 9,
    inFlight: 0,
    repaired: [],
    unjournalled: [],
  });
});

it("records and revokes a certificate whose commit never came", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const command = { csr: newCsr("a.example.test"), protocol: "api" };
  await expect(issueCertificate({ ...deps, log: lost(deps.log) }, adminCall("acme"), command)).rejects.toMatchObject({
    code: "unavailable",
  });

  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ inFlight: 1, repaired: [] });
  house.advance(2 * minute);
  const { repaired } = await reconcile(deps, adminCall("acme"));
  expect(repaired).toHaveLength(1);
  const id = repaired[0]?.id ?? "";
  expect((await deps.log.load("acme", "certificate", id)).state).toMatchObject({
    status: "revoked",
    protocol: "reconciled",
  });
  await house.settle("acme");
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ repaired: [], unjournalled: [] });

  const [issuerId = "", serial = ""] = id.split("-");
  const issuer = (await deps.log.load("acme", "issuer", issuerId)).state;
  if (issuer === undefined) throw new Error("no issuer");
  const material = issuerMaterial(issuerId, issuer);
  const certId = certIdFor(material.subjectDer, material.certificate.spki, serial, "sha256");
  const { der } = await createOcspResponder(deps).answer(issuerId, sequence(sequence(sequence(sequence(certId.der)))));
  expect(parseOcspResponse(der).basic?.responses[0]?.status).toMatchObject({ type: "revoked" });
  expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
});

it("gives a retried operation the signature of the first try, and signs once", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const command = { csr: newCsr("a.example.test"), protocol: "api" };
  const call = adminCall("acme", "the-same-operation");
  await expect(issueCertificate({ ...deps, log: lost(deps.log) }, call, command)).rejects.toMatchObject({
    code: "unavailable",
  });
  house.advance(5_000);
  const {
    certificate: { id },
  } = await issueCertificate(deps, call, command);
  house.advance(2 * minute);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ signatures: 9, recorded: 9, repaired: [] });
  expect((await deps.log.load("acme", "certificate", id)).state?.not_before).toBe("2026-11-23T11:59:00.000Z");
});

it("records a CRL that was signed and never published, and goes on with the next number", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { certificate, issuer } = await issueCertificate(deps, adminCall("acme"), {
    csr: newCsr("a.example.test"),
    protocol: "api",
  });
  await revokeCertificate(deps, adminCall("acme"), certificate.id, "superseded");
  const publish = publishCrl({ ...deps, log: lost(deps.log) }, adminCall("acme"), issuer.id, 0);
  await expect(publish).rejects.toMatchObject({ code: "unavailable" });
  await revokeCertificate(deps, adminCall("acme"), (await another(deps)).id, "superseded");
  await house.settle("acme");
  expect((await deps.log.load("acme", "crl", `${issuer.id}.0`)).state).toMatchObject({ number: 4, entries: 2 });
  house.advance(2 * minute);
  expect((await reconcile(deps, adminCall("acme"))).repaired).toEqual([{ type: "crl", id: `crl/${issuer.id}/0/3` }]);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ repaired: [], unjournalled: [] });
});

const another = async (deps: House["deps"]) =>
  (await issueCertificate(deps, adminCall("acme"), { csr: newCsr("b.example.test"), protocol: "api" })).certificate;

it("by two at the same time records each signature once", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const command = { csr: newCsr("a.example.test"), protocol: "api" };
  const forgetful = { ...deps, log: lost(deps.log) };
  for (let n = 0; n < 2; n++) await issueCertificate(forgetful, adminCall("acme"), command).catch(() => undefined);
  const issuer = (await deps.log.list("acme", "crl", { limit: 1 })).items[0]?.id.split(".")[0] ?? "";
  await publishCrl(forgetful, adminCall("acme"), issuer, 0).catch(() => undefined);
  house.advance(2 * minute);
  const reports = await Promise.all(Array.from({ length: 3 }, () => reconcile(deps, adminCall("acme"))));
  expect(reports.flatMap(({ repaired }) => repaired).length).toBeGreaterThanOrEqual(2);
  await house.settle("acme");
  house.advance(2 * minute);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ inFlight: 0, repaired: [], unjournalled: [] });
  const events = await deps.log.read("acme", 0, 0, 1000);
  const recorded = events.filter(({ type }) => type.endsWith("reconciled"));
  expect(recorded.length).toBe(new Set(recorded.map(({ event }) => JSON.stringify(event.data))).size);
});
