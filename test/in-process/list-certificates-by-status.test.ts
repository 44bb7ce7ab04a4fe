/** The list of certificates by what became of them: the same as a look at each one, and read from an index of those alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { soundIndex } from "#events/projections/index-entries";
import { inventory } from "#events/projections/inventory";
import { listCertificates } from "#functions/api/list-certificates";
import { createProjections } from "#functions/projections/app";
import { certificateOperations } from "#shared/contracts/api/certificates";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, newCsr, type House, openHouse } from "./house.ts";

const tenant = "acme";
const day = 86_400;
let house: House;
const ids: string[] = [];

async function issued(name: string, days: number, replaces?: string): Promise<string> {
  const command = { csr: newCsr(name), protocol: "api", validitySeconds: days * day };
  const bound = async () => ({
    data: replaces === undefined ? {} : { replaces },
    touches: replaces === undefined ? [] : [await house.deps.log.load(tenant, "certificate", replaces)],
  });
  return (await issueCertificate(house.deps, adminCall(tenant), command, bound)).certificate.id;
}

beforeAll(async () => {
  house = await openHouse([tenant]);
  for (let n = 0; n < 12; n++) ids.push(await issued(`n${n}.example.test`, 2 + n));
  const [, revoked = "", , superseded = "", , both = "", , twice = "", short = ""] = ids;
  for (const id of [revoked, both, ids[11] ?? ""])
    await revokeCertificate(house.deps, adminCall(tenant), id, "superseded");
  for (const [n, id] of [superseded, both, twice, twice, short].entries()) await issued(`new${n}.example.test`, 40, id);
  house.advance(3.5 * day * 1000); // the first two have ended, one of them revoked before
  await createProjections(house.deps)(tenant);
});
afterAll(async () => house[Symbol.asyncDispose]());

interface Item {
  readonly id: string;
  readonly status: string;
  readonly not_after: string;
}

async function page(asked: object): Promise<{ readonly items: readonly Item[]; readonly next_cursor: string | null }> {
  const query = certificateOperations.list.query.parse(asked);
  const served = { deps: house.deps, call: adminCall(tenant), params: undefined, query, body: undefined };
  return ((await listCertificates(served)) as unknown as { body: Awaited<ReturnType<typeof page>> }).body;
}

async function all(asked: object): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const one = await page({ ...asked, ...(cursor !== undefined && { cursor }) });
    items.push(...one.items);
    cursor = one.next_cursor;
  }
  return items;
}

describe("the list of certificates", () => {
  it.each(["active", "superseded", "revoked", "expired"])("%s: those and no others, in both orders", async (status) => {
    for (const sort of ["expires", "-expires"]) {
      const everyone = await all({ sort });
      const wanted = everyone.filter((one) => one.status === status);
      expect(wanted.length).toBeGreaterThan(0);
      for (const limit of [1, 2, 100]) expect(await all({ sort, status, limit })).toEqual(wanted);
    }
  });

  it.each(["superseded", "revoked"])("%s between two moments", async (status) => {
    const [from, to] = [(await all({}))[4]?.not_after ?? "", (await all({}))[9]?.not_after ?? ""];
    const wanted = (await all({})).filter(
      (one) => one.status === status && one.not_after >= from && one.not_after <= to,
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(await all({ status, expiring_after: from, expiring_before: to })).toEqual(wanted);
  });

  it("reads one page of an index for what is rare, however much there is beside it", async () => {
    const reads: string[] = [];
    const { log, tables } = house.deps;
    const counting = {
      ...house.deps,
      log: { ...log, list: (...asked: Parameters<typeof log.list>) => (reads.push(asked[1]), log.list(...asked)) },
      tables: {
        ...tables,
        tenant(name: string) {
          const table = tables.tenant(name);
          return {
            ...table,
            query: (...asked: Parameters<typeof table.query>) => (reads.push("index"), table.query(...asked)),
          };
        },
      },
    };
    for (const status of ["revoked", "superseded"] as const) {
      const query = certificateOperations.list.query.parse({ status });
      await listCertificates({
        deps: counting as House["deps"],
        call: adminCall(tenant),
        params: undefined,
        query,
        body: undefined,
      });
    }
    expect(reads).toEqual(["index", "index"]);
  });

  it("refuses a cursor of another status", async () => {
    const { next_cursor } = await page({ status: "revoked", limit: 1 });
    await expect(page({ status: "superseded", cursor: next_cursor })).rejects.toThrow("cursor");
  });

  it("stands on an index that holds what the log says, and nothing else", async () => {
    expect(await soundIndex(house.deps.log, house.deps.tables.tenant(tenant), tenant, inventory)).toBe(true);
  });
});
