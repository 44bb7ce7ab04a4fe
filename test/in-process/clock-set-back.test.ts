import { expect, test } from "vitest";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { raIdentity } from "#shared/usecases/ra-identity";
import { reconcile } from "#shared/usecases/reconcile";
import { Failure } from "#shared/kernel/failure";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { adminCall, newCsr, openHouse } from "./house.ts";

const hour = 3_600_000;
const command = () => ({ csr: newCsr("a.example.test"), protocol: "api" });

test("while a certificate is built: it is built again, not refused as if the request were at fault", async () => {
  await using house = await openHouse();
  const { deps } = house;
  let set = false;
  const sign: typeof deps.signer.sign = (request) => {
    if (!set) house.advance(-2 * hour);
    set = true;
    return deps.signer.sign(request);
  };
  const { certificate } = await issueCertificate(
    { ...deps, signer: { ...deps.signer, sign } },
    adminCall("acme"),
    command(),
  );
  expect(Date.parse(certificate.state.not_before)).toBeLessThanOrEqual(deps.clock.now());
});

test("an orphan of the time that is to come is mended all the same", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const log = { ...deps.log, commit: () => Promise.reject(new Failure("unavailable", "the disk is full")) };
  await expect(issueCertificate({ ...deps, log }, adminCall("acme"), command())).rejects.toThrow("full");
  house.advance(-hour);
  expect((await reconcile(deps, adminCall("acme"))).repaired).toHaveLength(1);
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ inFlight: 0, repaired: [], unjournalled: [] });
});

test("no CRL and no OCSP answer is given out that begins in the future", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { certificate, issuer } = await issueCertificate(deps, adminCall("acme"), command());
  const { subjectDer, certificate: ca } = issuerMaterial(issuer.id, issuer.state);
  const question = sequence(
    sequence(sequence(sequence(certIdFor(subjectDer, ca.spki, certificate.state.serial, "sha256").der))),
  );
  const responder = createOcspResponder(deps);
  await responder.answer(issuer.id, question);
  house.advance(-hour);

  const { basic } = parseOcspResponse((await responder.answer(issuer.id, question)).der);
  expect(basic?.responses[0]?.thisUpdateMs).toBeLessThanOrEqual(deps.clock.now());
  await freshenRevocation(deps, "acme", (_issuer, error) => {
    throw error;
  });
  const { state: crl } = await deps.log.load("acme", "crl", `${issuer.id}.0`);
  expect(Date.parse(crl?.this_update ?? "")).toBeLessThanOrEqual(deps.clock.now());
});

test("no OCSP responder and no RA speaks whose certificate begins in the future", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { issuer } = await issueCertificate(deps, adminCall("acme"), command());
  const future = parseCertificate((await raIdentity(deps, "acme", issuer.id)).certificate);
  house.advance(-48 * hour);
  const { responders } = await freshenRevocation(deps, "acme", (_issuer, error) => {
    throw error;
  });
  expect(responders).toBe(2);
  for (const certificate of [
    fromBase64((await deps.log.load("acme", "ocsp-responder", issuer.id)).state?.certificate ?? ""),
    (await raIdentity(deps, "acme", issuer.id)).certificate,
  ])
    expect(parseCertificate(certificate).notBeforeMs).toBeLessThanOrEqual(deps.clock.now());
  // A client may have it still, and its requests are answered.
  expect((await raIdentity(deps, "acme", issuer.id, future.serialHex)).certificate).toEqual(future.der);
});
