/** What is stored of a tenant, held against the specification. */
import { X509Crl } from "@peculiar/x509";
import { expect } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { inventory } from "#events/projections/inventory";
import { readProjection } from "#events/projections/runner";
import type { AggregateKind } from "#shared/domain/aggregate";
import { certificateId } from "#shared/domain/certificate/certificate";
import { authenticateToken } from "#shared/usecases/tokens";
import { createReconciliation } from "#shared/usecases/reconcile";
import { tailOf } from "../tail.ts";
import type { TenantSpec } from "./spec.ts";
import type { Side, World } from "./world.ts";

/** Every aggregate says what it must; the chain is whole; every derived row is what the log gives. */
export async function expectStates(world: World, side: Side, spec: TenantSpec): Promise<void> {
  const { deps } = world.estate;
  const tenant = world.tenant(side);
  const expectState = async (kind: AggregateKind, id: string, facts: object): Promise<void> => {
    const { state } = await deps.log.load(tenant, kind, id);
    expect(state, `${kind} ${id}`).toMatchObject(facts);
  };
  for (const [id, { name, references }] of spec.owners) await expectState("owner", id, { name, references });
  for (const [id, status] of spec.issuers) await expectState("issuer", id, { status });
  for (const [id, status] of spec.members) await expectState("member", id, { status });
  for (const [id, { owner, status, retry, certificate, live }] of spec.identities) {
    await expectState("identity", id, { owner, status, certificate: certificate ?? null });
    const { state } = await deps.log.load(tenant, "identity", id);
    expect(state?.failure?.retry_to).toBe(retry);
    expect(state?.live_certificates.map((one) => one.id)).toEqual(live);
  }
  for (const [id, { status, identity, replaces }] of spec.certificates)
    await expectState("certificate", id, { status, identity: identity ?? null, replaces: replaces ?? null });
  for (const [id, { revoked, orphaned, text }] of spec.tokens) {
    const { state } = await deps.log.load(tenant, "token", id);
    expect(state?.revoked_at !== null).toBe(revoked);
    if (text === undefined) continue;
    expect((await authenticateToken(deps, text)) !== undefined, `token ${id} opens`).toBe(
      !revoked && !orphaned && text !== "",
    );
  }
  expect((await compareWithLog(deps.log, world.table(side), tenant)).differing).toEqual([]);
  await tailOf(tenant, world.lanes)(world.table(side));
}

const serialOf = (text: string): string => text.toLowerCase().replace(/^0+/, "");

/** Healed: nothing waits, nothing is dead, every signature has its event, the CRLs say what was revoked. */
export async function expectAtRest(world: World, side: Side, spec: TenantSpec): Promise<void> {
  const { deps } = world.estate;
  const tenant = world.tenant(side);
  const { repaired, unjournalled, inFlight } = await createReconciliation(deps, tenant).advance();
  expect({ repaired, unjournalled, inFlight }).toEqual({ repaired: [], unjournalled: [], inFlight: 0 });
  for (let after: string | undefined; ; ) {
    const page = await deps.log.list(tenant, "outbox", { limit: 1000, after });
    for (const { id, state } of page.items) expect(state.status, `effect ${id}`).toBe("delivered");
    after = page.cursor;
    if (after === undefined) break;
  }
  await expectStates(world, side, spec);
  await expectCrls(world, side, spec);
  const counts: Record<string, { issued: number; revoked: number; superseded: number }> = {};
  for (const { issuer, status, replaces } of spec.certificates.values()) {
    const count = (counts[issuer] ??= { issued: 0, revoked: 0, superseded: 0 });
    count.issued++;
    if (status === "revoked") count.revoked++;
    if (replaces !== undefined) count.superseded++;
  }
  const row = await readProjection(world.table(side), tenant, inventory);
  expect(row?.state.byIssuer ?? {}).toEqual(counts);
}

async function expectCrls(world: World, side: Side, spec: TenantSpec): Promise<void> {
  const { deps } = world.estate;
  const tenant = world.tenant(side);
  const listed = new Map<string, string[]>();
  for (const issuer of spec.issuers.keys()) listed.set(`${issuer}.0`, []);
  for (const { issuer, shard, serial, status } of spec.certificates.values()) {
    if (status !== "revoked") continue;
    const id = `${issuer}.${shard}`;
    listed.set(id, [...(listed.get(id) ?? []), serial]);
  }
  for (const [id, serials] of listed) {
    const { state } = await deps.log.load(tenant, "crl", id);
    const der = await deps.blob.get(state?.blob ?? "");
    const entries = new X509Crl(der ?? new Uint8Array()).entries.map(({ serialNumber }) => serialOf(serialNumber));
    const gone = serials.map(serialOf).filter((serial) => !entries.includes(serial));
    expect(entries.toSorted(), `the CRL ${id}`).toEqual(
      serials
        .map(serialOf)
        .filter((serial) => !gone.includes(serial))
        .toSorted(),
    );
    for (const serial of gone) {
      const { state: certificate } = await deps.log.load(
        tenant,
        "certificate",
        certificateId(id.split(".")[0] ?? "", serial),
      );
      const said = await publications(world, tenant, id);
      // RFC 5280 3.3: it leaves after a CRL that was made when it had ended has named it. The clock goes back by an hour.
      const revokedMs = Date.parse(certificate?.revoked_at ?? "") - 3_600_000;
      const endedMs = Date.parse(certificate?.not_after ?? "");
      const lastWords = said.slice(0, -1).some((at) => Date.parse(at) >= revokedMs && Date.parse(at) > endedMs);
      expect(lastWords, `${serial} left the CRL ${id} too early`).toBe(true);
    }
  }
}

/** When the complete CRLs of a shard were made. */
async function publications({ estate, lanes }: World, tenant: string, id: string): Promise<string[]> {
  const moments: string[] = [];
  for (let lane = 0; lane < lanes; lane++)
    for (let after = 0; ; ) {
      const page = await estate.deps.log.read(tenant, lane, after, 500);
      for (const { stream, event } of page)
        if (event.type === "crl.published" && stream.id === id) moments.push(event.data.this_update);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
  return moments.sort();
}
