/** OCSP answers are signed before they are needed, and never outlive what they say. */
import { expect, test } from "vitest";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { type Issued, issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { existing } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const minute = 60_000;
const day = 86_400_000;

const issue = ({ deps }: House): Promise<Issued> =>
  issueCertificate(deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });

/** A responder of a process of its own, and how many signatures it asked for. */
function process({ deps }: House) {
  const counted = { signatures: 0 };
  const signer = {
    ...deps.signer,
    sign: (request: Parameters<typeof deps.signer.sign>[0]) => {
      counted.signatures++;
      return deps.signer.sign(request);
    },
  };
  const responder = createOcspResponder({ ...deps, signer });
  return {
    counted,
    async ask({ certificate, issuer }: Issued) {
      const { subjectDer, certificate: ca } = issuerMaterial(issuer.id, issuer.state);
      const certId = certIdFor(subjectDer, ca.spki, certificate.state.serial, "sha1");
      const { der } = await responder.answer(issuer.id, sequence(sequence(sequence(sequence(certId.der)))));
      const [single] = parseOcspResponse(der).basic?.responses ?? [];
      return { status: single?.status.type, thisUpdateMs: single?.thisUpdateMs ?? 0, der };
    },
  };
}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("what is asked for again is signed anew beside the answer, all that is due at once", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const hot = [await issue(house), await issue(house), await issue(house)];
  const { ask, counted } = process(house);
  const first = await Promise.all(hot.map(ask));
  const signedFirst = counted.signatures;
  house.advance(4 * minute);
  expect(await Promise.all(hot.map(ask))).toEqual(first);
  expect(counted.signatures).toBe(signedFirst);

  house.advance(2 * minute);
  expect(await Promise.all(hot.map(ask))).toEqual(first);
  await turns();
  expect(counted.signatures).toBe(signedFirst + hot.length);
  house.advance(5 * minute); // The first answers are over by now.
  const second = await Promise.all(hot.map(ask));
  for (const [n, { status, thisUpdateMs }] of second.entries()) {
    expect(status).toBe("good");
    expect(thisUpdateMs).toBe((first[n]?.thisUpdateMs ?? 0) + 6 * minute);
  }
});

test("what is asked for late is signed before the answer", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const certificate = await issue(house);
  const { ask } = process(house);
  await ask(certificate);
  house.advance(9 * minute);
  expect((await ask(certificate)).thisUpdateMs).toBe(house.deps.clock.now());
});

test("no process says good after a revocation that another one has acknowledged", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const certificate = await issue(house);
  const [one, other] = [process(house), process(house)];
  expect((await one.ask(certificate)).status).toBe("good");
  expect((await other.ask(certificate)).status).toBe("good");
  house.advance(6 * minute);
  // Both are about to sign it again while it is revoked.
  const asked = [one.ask(certificate), other.ask(certificate)];
  await revokeCertificate(house.deps, adminCall("acme"), certificate.certificate.id, "keyCompromise");
  for (const { ask } of [one, other]) expect((await ask(certificate)).status).toBe("revoked");
  await Promise.all(asked);
  await turns();
  for (const { ask } of [one, other]) expect((await ask(certificate)).status).toBe("revoked");
});

test("a responder is replaced before its end; the answers of the old one hold to theirs", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const certificate = await issue(house);
  const issuer = certificate.issuer.id;
  const { ask } = process(house);
  const load = async () => (await existing(deps, "acme", "ocsp-responder", issuer)).state;
  const old = await load();
  house.advance(29 * day + 60_000);
  const before = await ask(certificate);
  await freshenRevocation(deps, "acme", (_, error) => expect.unreachable(String(error)));
  const next = await load();
  expect(next.generation).toBe(old.generation + 1);
  // No answer that was given outlives the certificate of the responder that signed it.
  const basic = parseOcspResponse(before.der).basic;
  const ends = Math.max(...(basic?.responses ?? []).map(({ nextUpdateMs }) => nextUpdateMs ?? Infinity));
  expect(ends).toBeLessThan(Date.parse(old.not_after));
  expect(Buffer.from(before.der).includes(Buffer.from(old.certificate, "base64"))).toBe(true);
  const after = await ask(certificate);
  expect(Buffer.from(after.der).includes(Buffer.from(next.certificate, "base64"))).toBe(true);
});
