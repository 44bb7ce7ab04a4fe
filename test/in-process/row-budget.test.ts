import { expect, it } from "vitest";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, newCsr, openHouse } from "./house.ts";

it("one issuance writes at most 6 rows: event, head, certificate with its view, idempotency (DESIGN §4)", async () => {
  await using house = await openHouse();
  const changes = () => Number(house.sqlite.db.prepare("SELECT total_changes() AS n").get()?.["n"]);
  const idempotency = { key: "key-00000001", fingerprint: "f", status: 201, operation: "certificates.issue" };
  const before = changes();
  const {
    certificate: { id },
  } = await issueCertificate(
    house.deps,
    { ...adminCall("acme"), idempotency },
    { csr: newCsr("a.example.test"), protocol: "api" },
  );
  expect(changes() - before).toBe(4);

  // Event, head, certificate, revocation, outbox entry.
  const issued = changes();
  await revokeCertificate(house.deps, adminCall("acme"), id, "superseded");
  expect(changes() - issued).toBe(5);
});
