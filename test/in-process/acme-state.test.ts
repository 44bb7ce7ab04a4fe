/** All that ACME keeps stands in the log, and what was under way goes on in the next process (I2, I7). */
import { expect, it } from "vitest";
import { catalogue } from "#events/catalogue/catalogue";
import { compareWithLog } from "#events/log/compare";
import { createValidating } from "#functions/acme/validating";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { jwsOf, newKey } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, openAcmeHouse, settings, tenant } from "#test/acme/house";
import { adminCall } from "./house.ts";

const typesOf = async ({ deps }: AcmeHouse): Promise<Set<string>> =>
  new Set((await deps.log.read(tenant, 0, 0, 10_000)).map(({ type }) => type));

it("every event of ACME happens, and all state can be rebuilt from the log", async () => {
  await using acme = await openAcmeHouse();
  const client = await acme.registered();
  await client.post(client.state.kid ?? "", { contact: ["mailto:a@example.test"] });
  const order = await client.order(["a.example.test"]);
  await acme.prove(client, order);
  await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
  const failing = await client.post((await client.order(["b.example.test"])).body["authorizations"][0]);
  await client.post(failing.body["challenges"][0].url, {});
  await acme.validate();
  const ahead = await client.post(client.directory["newAuthz"], {
    identifier: { type: "dns", value: "c.example.test" },
  });
  await client.post(ahead.headers.get("location") ?? "", { status: "deactivated" });
  const next = newKey();
  const oldKey = client.state.key.jwk;
  const url = client.directory["keyChange"];
  const { kid = "" } = client.state;
  expect((await client.post(url, jwsOf(next, { jwk: next.jwk, url }, { account: kid, oldKey }))).status).toBe(200);
  client.state.key = next;
  const { state } = await endpointFor(acme.deps, "acme", "web");
  const change = { ...settings, approval: "manual" as const, terms_of_service: "https://ca.example/terms" };
  await updateEndpoint(acme.house.deps, adminCall(tenant), "web", change);
  expect(state.approval).toBe("automatic");
  await client.register({ termsOfServiceAgreed: true });
  const slow = await client.order(["a.example.test"]);
  const waiting = await client.post(slow.body["finalize"], { csr: csrFor(["a.example.test"]) });
  expect(waiting.body["status"]).toBe("processing");
  expect(waiting.headers.get("retry-after")).toBe("60");
  const { items } = await acme.deps.log.list(tenant, "enrolment-request", { limit: 10 });
  await approveRequest(acme.house.deps, adminCall(tenant), items[0]?.id ?? "");
  const approved = await client.post(slow.headers.get("location") ?? "");
  expect(approved.body["status"]).toBe("valid");
  expect((await client.post(approved.body["certificate"])).text).toContain("BEGIN CERTIFICATE");
  await client.post(kid, { status: "deactivated" });

  const seen = await typesOf(acme);
  expect(Object.keys(catalogue).filter((type) => type.startsWith("acme-") && !seen.has(type))).toEqual([]);
  expect((await compareWithLog(acme.deps.log, acme.deps.tables.tenant(tenant), tenant)).differing).toEqual([]);
  expect(acme.house.reported).toEqual([]);
});

it("a validation that a process left behind is done by the next one; two at once settle it once", async () => {
  await using acme = await openAcmeHouse();
  const client = await acme.registered();
  const order = await client.order(["a.example.test"]);
  const { body } = await client.post(order.body["authorizations"][0]);
  acme.world.http.set(
    `http://a.example.test/.well-known/acme-challenge/${body["challenges"][0].token}`,
    client.keyAuthorization(body["challenges"][0].token),
  );
  await client.post(body["challenges"][0].url, {});
  expect((await client.post(body["challenges"][0].url)).body["status"]).toBe("processing");
  const before = await acme.deps.log.heads(tenant);
  // Nobody was told: they find it in the view.
  await Promise.all([createValidating(acme.deps)(tenant), createValidating(acme.deps)(tenant)]);
  await acme.validate();
  expect((await client.post(order.body["authorizations"][0])).body["status"]).toBe("valid");
  expect((await acme.deps.log.heads(tenant))[0]?.seq).toBe((before[0]?.seq ?? 0) + 1);
  expect(acme.house.reported).toEqual([]);
});
