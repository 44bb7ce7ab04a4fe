/** What the operator's verb does to a tenant that issued certificates: what the copy lost is found in the signer's journal. */
import { expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { createAdminApp } from "#functions/admin/app";
import { createPool } from "#shared/http/pool";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { reconcile } from "#shared/usecases/reconcile";
import { adminCall, newCsr, openHouse } from "./house.ts";

test("a failover names the lost tail, and the reconciler takes its certificates up again", async () => {
  await using house = await openHouse();
  const { deps, sqlite } = house;
  const issue = async (name: string) =>
    (await issueCertificate(deps, adminCall("acme"), { csr: newCsr(name), protocol: "api" })).certificate;
  const kept = await issue("kept.example.test");
  const late = await issue("late.example.test");
  const last = await issue("last.example.test");
  const [{ seq } = { seq: 0 }] = await deps.log.heads("acme");
  // The event of the last but one never came; its state and everything behind it did.
  const gap = `E#${String(seq - 1).padStart(12, "0")}`;
  sqlite.db.exec(`DELETE FROM item WHERE pk = 'T#acme#L#0' AND sk = '${gap}'`);

  const app = createAdminApp({ ...deps, pool: createPool(1) });
  const post = (body: object) =>
    app.fetch(
      new Request("http://localhost/admin/failovers", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
  const answer = await post({ tenant: "acme" });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({
    epoch: 2,
    from: null,
    to: null,
    lanes: [{ lane: 0, sequence: seq - 2, seen: seq }],
  });
  expect((await post({ tenant: "nobody" })).status).toBe(404);

  expect((await deps.log.load("acme", "certificate", kept.id)).state).toBeDefined();
  for (const { id } of [late, last]) expect((await deps.log.load("acme", "certificate", id)).state).toBeUndefined();
  expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
  // This process wrote in the epoch before: its first commit is fenced, and then it goes on.
  await expect(issue("fenced.example.test")).rejects.toThrow(/has gone over to epoch 2/);
  const next = await issue("next.example.test");
  house.advance(120_000);
  const { repaired } = await reconcile(deps, adminCall("acme"));
  expect(repaired).toEqual(expect.arrayContaining([late, last].map(({ id }) => ({ type: "certificate", id }))));
  expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ inFlight: 0, repaired: [], unjournalled: [] });
  for (const { id } of [late, last])
    expect((await deps.log.load("acme", "certificate", id)).state).toMatchObject({ status: "revoked" });
  expect((await deps.log.load("acme", "certificate", next.id)).state).toMatchObject({ status: "active" });
});
