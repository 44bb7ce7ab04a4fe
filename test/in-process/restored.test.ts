import { expect, it } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { noteRestore } from "#shared/usecases/note-restore";
import { openHouse } from "./house.ts";

const restore = (restored_at: string) => ({
  backup: "01a21439-0256-7000-8000-000000000000",
  taken_at: "2026-11-20T00:00:00.000Z",
  restored_at,
});

it("a restore stands in the log once, however often the start that says it is cut off", async () => {
  await using house = await openHouse(["acme"]);
  const { log, tables } = house.deps;
  const first = restore("2026-11-24T00:00:00.000Z");
  for (let starts = 0; starts < 3; starts++) await noteRestore(house.deps, "acme", first);
  await noteRestore(house.deps, "acme", restore("2026-11-25T00:00:00.000Z"));
  const noted = (await log.read("acme", 0, 0, 1000)).filter(({ type }) => type === "tenant.restored");
  expect(noted.map(({ event }) => event.data)).toEqual([first, restore("2026-11-25T00:00:00.000Z")]);
  expect((await log.load("acme", "tenant", "acme")).state?.restored_at).toBe("2026-11-25T00:00:00.000Z");
  expect((await compareWithLog(log, tables.tenant("acme"), "acme")).differing).toEqual([]);
});

it("a tenant that was never registered has no log to say it in", async () => {
  await using house = await openHouse([]);
  await noteRestore(house.deps, "acme", restore("2026-11-24T00:00:00.000Z"));
  expect((await house.deps.log.heads("acme"))[0]?.seq).toBe(0);
});
