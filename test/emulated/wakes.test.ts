/** What a commit sets off: stream → router → queues → projections and outbox. */
import { beforeAll, expect, it } from "vitest";
import { newCsr } from "../e2e/openssl.ts";
import { eventually, newTenant, type Tenant } from "./deployed.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant("wakes");
});

async function issue(name: string): Promise<string> {
  const csr = await newCsr(tenant.directory, name, `${name}.example.test`);
  return (await tenant.curl("POST", "/certificates", { csr })).json.id;
}

it("brings projections up to the log, and effects to where they go", async () => {
  const ids = await Promise.all(["one", "two", "three"].map(issue));
  await tenant.trstctl("certificates", "revoke", ids[0] ?? "", "--yes");
  await eventually("the summary", async () => {
    const { events_behind } = (await tenant.curl("GET", "/certificates/summary")).json;
    return events_behind === 0 ? true : undefined;
  });
  const effects = await eventually("every effect delivered", async () => {
    const { items } = (await tenant.curl("GET", "/outbox?limit=100")).json;
    return items.length > 0 && items.every(({ status }: { status: string }) => status === "delivered")
      ? items
      : undefined;
  });
  expect(effects.map(({ destination }: { destination: string }) => destination)).toContain("crl.publish");
  const state = await tenant.trstctl("audit", "state");
  expect(state.projections.length).toBeGreaterThan(0);
  expect(state).toMatchObject({ clean: true, differing: [] });
});
