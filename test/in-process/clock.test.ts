import { expect, it } from "vitest";
import { createDuties } from "#functions/clock/app";
import { Failure } from "#shared/kernel/failure";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { adminCall, newCsr, openHouse } from "./house.ts";

it("finds, by itself, a signature whose commit never came, and goes on where it stopped", async () => {
  await using house = await openHouse(["acme", "other"]);
  const { deps } = house;
  const duties = createDuties(deps);
  const run = () => duties((tenant) => house.settle(tenant));
  const lost = { ...deps.log, commit: () => Promise.reject(new Failure("unavailable", "the disk is full")) };
  const command = { csr: newCsr("a.example.test"), protocol: "api" };
  await expect(issueCertificate({ ...deps, log: lost }, adminCall("acme"), command)).rejects.toMatchObject({
    code: "unavailable",
  });
  const revoked = async () =>
    (await deps.log.list("acme", "certificate", { limit: 100 })).items.filter(
      ({ state }) => state.protocol === "reconciled",
    );

  await run();
  expect(await revoked()).toEqual([]);
  house.advance(61_000);
  await run();
  expect(await revoked()).toMatchObject([{ state: { status: "revoked" } }]);
  await run();
  expect(await revoked()).toHaveLength(1);
  expect(house.reported).toEqual([]);
});

it("goes on where an earlier process stopped, and from the beginning where the journal is another", async () => {
  await using house = await openHouse(["acme"]);
  const { deps } = house;
  await issueCertificate(deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });
  const settle = (tenant: string) => house.settle(tenant);
  await createDuties(deps)(settle);
  /** Where the duties of a new process begin to read the log and the journal. */
  const beginnings = async (journal = deps.signer.journal) => {
    const seen = { log: Infinity, journal: Infinity };
    const log: typeof deps.log = {
      ...deps.log,
      read: (tenant, lane, after, limit) => {
        seen.log = Math.min(seen.log, after);
        return deps.log.read(tenant, lane, after, limit);
      },
    };
    const signer: typeof deps.signer = {
      ...deps.signer,
      journal: (tenant, after, limit) => {
        seen.journal = Math.min(seen.journal, after);
        return journal(tenant, after, limit);
      },
    };
    await createDuties({ ...deps, log, signer })(async () => undefined);
    return seen;
  };
  const [head] = await deps.log.heads("acme");
  expect(await beginnings()).toEqual({ log: head?.seq, journal: expect.toSatisfy((n: number) => n > 5) });
  // The record at the kept place has another hash: this journal is not the one that was read.
  const foreign: typeof deps.signer.journal = async (...query) =>
    (await deps.signer.journal(...query)).map((record) => ({ ...record, hash: "0".repeat(64) }));
  expect(await beginnings(foreign)).toEqual({ log: 0, journal: 0 });
  expect(house.reported).toEqual([]);
});
