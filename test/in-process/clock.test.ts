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
