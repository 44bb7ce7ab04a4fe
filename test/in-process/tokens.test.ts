import { expect, it } from "vitest";
import { offboardMember, putMember } from "#shared/usecases/members";
import { authenticateToken, mintToken } from "#shared/usecases/tokens";
import { adminCall, openHouse } from "./house.ts";

it.each([
  { when: "later", ms: 1_000 },
  { when: "at the same millisecond", ms: 0 },
  { when: "by a clock that was set back", ms: -3_600_000 },
])("of an offboarded member stay dead when the member is added again $when; new ones live", async ({ ms }) => {
  await using house = await openHouse();
  const { deps } = house;
  const member = { subject: "ada", displayName: null, email: null, roles: ["viewer"] as const };
  const mint = () =>
    mintToken(deps, adminCall("acme"), { subject: "ada", scopes: ["certs:read"], expiresAt: undefined });
  await putMember(deps, adminCall("acme"), member);
  const old = await mint();
  expect(await authenticateToken(deps, old.token)).toMatchObject({ subject: "ada", scopes: ["certs:read"] });

  await offboardMember(deps, adminCall("acme"), "ada", "left");
  expect(await authenticateToken(deps, old.token)).toBeUndefined();
  await expect(mint()).rejects.toMatchObject({ code: "unprocessable", field: "subject" });

  house.advance(ms);
  await putMember(deps, adminCall("acme"), member);
  expect(await authenticateToken(deps, old.token)).toBeUndefined();
  expect(await authenticateToken(deps, (await mint()).token)).toMatchObject({ subject: "ada" });
});
