/** What must hold after every enrolment and every revocation, whatever the protocol and whoever the client. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import { eventually, everyItem, type Host, type Json } from "#test/e2e/host";
import { type Bundle, bundleFiles, ocspStatus, verifyChain } from "#test/e2e/openssl";

export interface Enrolled {
  /** As the API shows it. */
  readonly certificate: Json;
  /** Files of leaf, issuing CA and root, as openssl wants them. */
  readonly bundle: Bundle;
}

interface Expected {
  readonly protocol: string;
  /** Label of the enrolment endpoint; null: it came by the API. */
  readonly endpoint: string | null;
  /** As the API shows them, in any order: `dns:www.example.test`. */
  readonly names?: readonly string[];
}

/**
 * Checks what the client got: openssl verifies it up to the root, OCSP says good, the inventory shows it with protocol,
 * endpoint and names, the event log has its issuance, and journal and log agree.
 * @param got the certificate as the client has it: PEM with the leaf first, or DER
 */
export async function expectEnrolled(host: Host, got: string | Uint8Array, expected: Expected): Promise<Enrolled> {
  const leaf = typeof got === "string" ? (pemDecode(got, "CERTIFICATE")[0] ?? new Uint8Array()) : got;
  const fingerprint = sha256Hex(leaf);
  const listed = (await everyItem(host.admin, "/certificates")).find((item) => item.fingerprint === fingerprint);
  if (listed === undefined) throw new Error(`the inventory has no certificate with the fingerprint ${fingerprint}`);
  expect(listed).toMatchObject({ protocol: expected.protocol, endpoint: expected.endpoint, status: "active" });
  if (expected.names !== undefined) expect(listed.sans.toSorted()).toEqual(expected.names.toSorted());

  const certificate = await host.admin.ok("GET", `/certificates/${listed.id}`);
  const root = await host.admin.ok("GET", "/issuers/root");
  const pem = pemEncode("CERTIFICATE", leaf) + certificate.chain.join("");
  const bundle = bundleFiles(host.directory, randomUUID(), pem, root.certificate);
  expect(await verifyChain(bundle)).toMatchObject({ code: 0 });
  expect(await ocspStatus(bundle)).toBe("good");
  await expectEvents(host, listed.id, ["certificate.issued"]);
  await expectReconciled(host);
  return { certificate, bundle };
}

/** OCSP and the inventory say that it is revoked, the event log has it, and journal and log agree. */
export async function expectRevoked(host: Host, { certificate, bundle }: Enrolled, reason?: string): Promise<void> {
  await eventually("a revoked certificate", async () =>
    (await host.admin.ok("GET", `/certificates/${certificate.id}`)).status === "revoked" ? true : undefined,
  );
  expect(await ocspStatus(bundle)).toBe(reason === undefined ? "revoked" : `revoked ${reason}`);
  await expectEvents(host, certificate.id, ["certificate.issued", "certificate.revoked"]);
  await expectReconciled(host);
}

async function expectEvents(host: Host, id: string, types: readonly string[]): Promise<void> {
  const events = await everyItem(host.admin, "/audit/events");
  const ofIt = events.filter(({ resource }) => resource.kind === "certificate" && resource.id === id);
  expect(ofIt.map(({ type }) => type)).toEqual(expect.arrayContaining([...types]));
}

async function expectReconciled(host: Host): Promise<void> {
  const report = await host.admin.ok("POST", "/audit/reconcile");
  expect(report).toMatchObject({ clean: true, repaired: [], unjournalled: [], refused: 0 });
}
