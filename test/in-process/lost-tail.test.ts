import { copyFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createEventLog } from "#events/log/log";
import { createOutbox } from "#functions/outbox/app";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { reconcile } from "#shared/usecases/reconcile";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

/** The same house, but its store forgot everything since it was copied: what a disk that lied about syncing leaves. */
function withStore({ deps }: House, path: string) {
  const tables = sqliteTableStore(openSqlite(path), deps.clock);
  const directory = sqliteDirectory(openSqlite(path), deps.clock);
  return {
    ...deps,
    tables,
    directory,
    log: createEventLog({ tables, wakes: localWakes({ onError: () => undefined }), lanes: 1 }),
  };
}

test("a log that lost its end takes up again what the signer knows: certificates and revocations, as they were", async () => {
  await using house = await openHouse();
  const { deps, sqlite } = house;
  const issue = async (name: string) =>
    (await issueCertificate(deps, adminCall("acme"), { csr: newCsr(name), protocol: "api" })).certificate;
  const [kept, early] = [await issue("kept.example.test"), await issue("early.example.test")];
  const copy = `${sqlite.path}.copy`;
  sqlite.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  copyFileSync(sqlite.path, copy);
  house.advance(1_000);
  const late = await issue("late.example.test");
  await revokeCertificate(deps, adminCall("acme"), early.id, "superseded");
  house.advance(5_000);
  await revokeCertificate(deps, adminCall("acme"), late.id, "keyCompromise");
  await house.settle("acme");
  const before = await Promise.all(
    [early, late].map(async ({ id }) => (await deps.log.load("acme", "certificate", id)).state),
  );

  const cut = withStore(house, copy);
  expect((await cut.log.load("acme", "certificate", late.id)).state).toBeUndefined();
  house.advance(120_000);
  const { repaired } = await reconcile(cut, adminCall("acme"));
  expect(repaired).toEqual(
    expect.arrayContaining([
      { type: "certificate", id: late.id },
      { type: "revocation", id: early.id },
    ]),
  );
  expect(await reconcile(cut, adminCall("acme"))).toMatchObject({ inFlight: 0, repaired: [], unjournalled: [] });

  for (const [n, { id }] of [early, late].entries()) {
    const { state } = await cut.log.load("acme", "certificate", id);
    expect([state?.status, state?.reason]).toEqual(["revoked", before[n]?.reason]);
    expect(Math.floor(Date.parse(state?.revoked_at ?? "") / 1000)).toBe(
      Math.floor(Date.parse(before[n]?.revoked_at ?? "") / 1000),
    );
  }
  expect((await cut.log.load("acme", "certificate", kept.id)).state?.status).toBe("active");
  // The next CRL is signed: no entry vanished, none has another date.
  await createOutbox(cut)("acme");
  const [issuerId = ""] = kept.id.split("-");
  const crl = await cut.log.list("acme", "crl", { limit: 10 });
  expect(crl.items.map(({ state }) => state.entries)).toContain(2);

  const issuer = (await cut.log.load("acme", "issuer", issuerId)).state;
  if (issuer === undefined) throw new Error("no issuer");
  const { subjectDer, certificate } = issuerMaterial(issuerId, issuer);
  const responder = createOcspResponder(cut);
  const statusOf = async ({ state }: { state: { serial: string } }) => {
    const certId = certIdFor(subjectDer, certificate.spki, state.serial, "sha256");
    const { basic } = parseOcspResponse(
      (await responder.answer(issuerId, sequence(sequence(sequence(sequence(certId.der)))))).der,
    );
    return basic?.responses[0]?.status.type;
  };
  expect(await Promise.all([kept, early, late].map(statusOf))).toEqual(["good", "revoked", "revoked"]);
});
