import { expect, it } from "vitest";
import { crlId } from "#shared/domain/crl/crl";
import { Failure } from "#shared/kernel/failure";
import { parseCertificateList } from "#shared/pki/crl";
import type { BlobKey } from "#shared/ports/blob";
import { createIdentity, transitionIdentity, type TransitionIdentity } from "#shared/usecases/identities";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { createOwner } from "#shared/usecases/owners";
import { publishCrl } from "#shared/usecases/publish-crl";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const plain = { reason: undefined, note: undefined, csr: undefined, generateKey: false };
const day = 86_400_000;

async function newIdentity({ deps }: House): Promise<string> {
  const owner = await createOwner(deps, adminCall("acme"), { kind: "team", name: "Platform", email: null });
  const command = {
    name: "a.example.test",
    owner,
    issuer: undefined,
    profile: undefined,
    dnsNames: [],
    attributes: {},
  };
  return createIdentity(deps, adminCall("acme"), command);
}

const move = ({ deps }: House, id: string, to: TransitionIdentity["to"], more: Partial<TransitionIdentity> = {}) =>
  transitionIdentity(deps, adminCall("acme"), id, { ...plain, to, ...more });

const mint = (house: House, id: string, to: "issued" | "renewing") => move(house, id, to, { generateKey: true });

const status = async ({ deps }: House, id: string | undefined) =>
  (await deps.log.load("acme", "certificate", id ?? "")).state;

const currentCrl = async ({ deps }: House, issuer: string) => {
  const { state } = await deps.log.load("acme", "crl", crlId(issuer, 0));
  const der = await deps.blob.get(state?.blob ?? "none/crl/none");
  return {
    number: state?.number ?? 0,
    serials: parseCertificateList(der ?? new Uint8Array()).entries.map(({ serialHex }) => serialHex),
  };
};

const newCertificate = ({ deps }: House) =>
  issueCertificate(deps, adminCall("acme"), { csr: newCsr("b.example.test"), protocol: "api" });

it("is for ever: a later renewal of the identity does not take it back", async () => {
  await using house = await openHouse();
  const id = await newIdentity(house);
  const first = await mint(house, id, "issued");
  await move(house, id, "deployed");
  const second = await mint(house, id, "renewing");
  await move(house, id, "deployed");
  await revokeCertificate(house.deps, adminCall("acme"), second.certificate ?? "", "keyCompromise");
  await mint(house, id, "renewing");
  expect(await status(house, second.certificate)).toMatchObject({ status: "revoked", reason: "keyCompromise" });
  expect(await status(house, first.certificate)).toMatchObject({ status: "superseded" });
});

it("reaches every live certificate of an identity, however often it was renewed", async () => {
  await using house = await openHouse();
  const id = await newIdentity(house);
  const minted = [(await mint(house, id, "issued")).certificate];
  for (let n = 0; n < 50; n++) {
    await move(house, id, "deployed");
    minted.push((await mint(house, id, "renewing")).certificate);
  }
  await move(house, id, "revoked", { reason: "keyCompromise" });
  for (const certificate of minted) expect((await status(house, certificate))?.status).toBe("revoked");
  expect((await house.deps.log.load("acme", "identity", id)).state).toMatchObject({
    status: "revoked",
    live_certificates: [],
  });
  await house.settle("acme");
  const [issuer = ""] = (minted[0] ?? "").split("-");
  expect((await currentCrl(house, issuer)).serials).toHaveLength(51);
});

it("forgets expired certificates of an identity: they need no revocation", async () => {
  await using house = await openHouse();
  const id = await newIdentity(house);
  await mint(house, id, "issued");
  await move(house, id, "deployed");
  house.advance(31 * day);
  const renewed = await mint(house, id, "renewing");
  const { state } = await house.deps.log.load("acme", "identity", id);
  expect(state?.live_certificates.map((live) => live.id)).toEqual([renewed.certificate]);
});

it("keeps the failure of an identity when one of its certificates is revoked by itself", async () => {
  await using house = await openHouse();
  const id = await newIdentity(house);
  await mint(house, id, "issued");
  await move(house, id, "deployed");
  const second = await mint(house, id, "renewing");
  await move(house, id, "deployed");
  const down = { ...house.deps.signer, sign: () => Promise.reject(new Failure("unavailable", "the signer is down")) };
  const failing = transitionIdentity({ ...house.deps, signer: down }, adminCall("acme"), id, {
    ...plain,
    to: "renewing",
    generateKey: true,
  });
  await expect(failing).rejects.toMatchObject({ code: "unavailable" });
  await revokeCertificate(house.deps, adminCall("acme"), second.certificate ?? "", "superseded");
  expect((await house.deps.log.load("acme", "identity", id)).state).toMatchObject({
    status: "failed",
    failure: { retry_to: "renewing" },
  });
  await expect(move(house, id, "cancelled")).rejects.toMatchObject({ code: "invalid_transition" });
});

it("goes on CRLs again after an outage that cost many numbers", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const full = { ...deps.blob, put: () => Promise.reject(new Failure("unavailable", "the disk is full")) };
  let issuer = "";
  for (let n = 0; n < 20; n++) {
    const issued = await newCertificate(house);
    issuer = issued.issuer.id;
    await revokeCertificate(deps, adminCall("acme"), issued.certificate.id, "superseded");
    await expect(publishCrl({ ...deps, blob: full }, adminCall("acme"), issuer, 0)).rejects.toMatchObject({
      code: "unavailable",
    });
  }
  await house.settle("acme");
  expect((await currentCrl(house, issuer)).serials).toHaveLength(20);
});

it("never goes back to a lower CRL number, however late a publisher is", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const first = await newCertificate(house);
  await revokeCertificate(deps, adminCall("acme"), first.certificate.id, "superseded");
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = {
    ...deps.blob,
    put: async (key: BlobKey, bytes: Uint8Array) => held.then(() => deps.blob.put(key, bytes)),
  };
  // Of another process: within one they take turns.
  const late = publishCrl(
    { ...deps, directory: { ...deps.directory }, blob: slow },
    adminCall("acme"),
    first.issuer.id,
    0,
  );
  const second = await newCertificate(house);
  await revokeCertificate(deps, adminCall("acme"), second.certificate.id, "superseded");
  await house.settle("acme");
  const before = await currentCrl(house, first.issuer.id);
  release();
  await late;
  const after = await currentCrl(house, first.issuer.id);
  // Overtaken, it leaves things as they are or publishes anew, by which of the two found the other's number taken.
  expect(after.number).toBeGreaterThanOrEqual(before.number);
  expect(after.serials.toSorted()).toEqual(before.serials.toSorted());
  expect(before.serials).toHaveLength(2);
});

it("costs one CRL for a burst", async () => {
  await using house = await openHouse();
  const issued = await Promise.all(Array.from({ length: 30 }, () => newCertificate(house)));
  const before = (await currentCrl(house, issued[0]?.issuer.id ?? "")).number; // its delta has the next one
  await Promise.all(
    issued.map(({ certificate }) => revokeCertificate(house.deps, adminCall("acme"), certificate.id, "superseded")),
  );
  await house.settle("acme");
  const after = await currentCrl(house, issued[0]?.issuer.id ?? "");
  expect(after.serials).toHaveLength(30);
  expect(after.number).toBe(before + 2);
});

it("lets many identities of one owner be requested at once", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const owner = await createOwner(deps, adminCall("acme"), { kind: "team", name: "Platform", email: null });
  const command = { name: "x", owner, issuer: undefined, profile: undefined, dnsNames: [], attributes: {} };
  await Promise.all(Array.from({ length: 64 }, () => createIdentity(deps, adminCall("acme"), command)));
  expect((await deps.log.load("acme", "owner", owner)).state?.references).toBe(64);
});
