import { expect, it } from "vitest";
import { enrol } from "#shared/usecases/enrol";
import { createCredential, credentialFor } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, endpointFor } from "#shared/usecases/enrolment-endpoints";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { endpointSettings } from "#test/domain/endpoint-settings";
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

it("an enrolment writes at most 6 rows, whatever it counts and replaces", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const changes = () => Number(house.sqlite.db.prepare("SELECT total_changes() AS n").get()?.["n"]);
  await createEndpoint(deps, adminCall("acme"), "web", endpointSettings({ auth: ["secret", "certificate"] }));
  const endpoint = await endpointFor(deps, "est", "web");
  const expiresAt = new Date(deps.clock.now() + 60_000).toISOString();
  const { id } = await createCredential(deps, adminCall("acme"), { endpoint: "web", names: [], maxUses: 1, expiresAt });
  const { credential } = await credentialFor(deps, endpoint, id);
  const asked = { endpoint, protocol: "est", subject: "est:test" } as const;
  const before = changes();
  const first = await enrol(deps, {
    ...asked,
    transaction: "1",
    request: { csr: newCsr("a.example.test") },
    credential,
  });
  // Event, head, certificate, idempotency, credential.
  expect(changes() - before).toBe(5);

  const renews = await presentedCertificate(deps, endpoint, "issued" in first ? first.issued.der : new Uint8Array());
  const renewed = changes();
  await enrol(deps, { ...asked, transaction: "2", request: { csr: newCsr("a.example.test") }, renews });
  // Event, head, certificate, idempotency, the certificate that is superseded: one row is left to a protocol's own touch.
  expect(changes() - renewed).toBe(5);
});
