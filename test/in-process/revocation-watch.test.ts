import { expect, test } from "vitest";
import { createDuties } from "#functions/clock/app";
import { Failure } from "#shared/kernel/failure";
import { raIdentity } from "#shared/usecases/ra-identity";
import { watchRevocation } from "#shared/usecases/revocation-watch";
import { openHouse } from "./house.ts";

const day = 86_400_000;

test("what nears its end and is not renewed is said, counted, and healed when it can be, also after a restart", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const down = { ...deps.signer, sign: () => Promise.reject(new Failure("unavailable", "the signer is down")) };
  const idle = async () => undefined;
  const { items } = await deps.log.list("acme", "issuer", { limit: 10 });
  await raIdentity(deps, "acme", items.find(({ state }) => state.role === "issuing")?.id ?? "");
  await createDuties(deps)(idle);
  expect(deps.watch.total()).toMatchObject({ overdue: 0, crlEndsMs: deps.clock.now() + 2 * day });
  expect(house.reported).toEqual([]);

  house.advance(1.6 * day); // deltas have 0.4 of their last day left
  await createDuties({ ...deps, signer: down })(idle);
  expect(deps.watch.total().overdue).toBe(2);
  const said = house.reported.map(String);
  expect(said.filter((text) => /delta CRL 0 of issuer \w+ ends at .* and is not renewed/.test(text))).toHaveLength(2);

  house.advance(28 * day);
  await createDuties({ ...deps, signer: down })(idle);
  const { overdue } = await watchRevocation(deps, "acme");
  expect(new Set(overdue.map(({ what }) => what))).toEqual(
    new Set(["CRL 0", "delta CRL 0", "OCSP responder", "RA certificate"]),
  );

  // A process that has seen nothing of this.
  await createDuties(deps)(idle);
  expect(deps.watch.total().overdue).toBe(0);
  expect(await watchRevocation(deps, "acme")).toMatchObject({ overdue: [] });
});
