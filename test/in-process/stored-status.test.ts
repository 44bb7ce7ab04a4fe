/** What an edge in front of stored objects says, held against what is true, over histories of everything that can happen. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createProjections } from "#functions/projections/app";
import { createRevocationApp } from "#functions/revocation/app";
import { createPool } from "#shared/http/pool";
import { base64 } from "#shared/kernel/bytes";
import { parseCertificateList } from "#shared/pki/crl";
import { sequence } from "#shared/pki/der/writer";
import { certIdVariants, parseOcspResponse } from "#shared/pki/ocsp";
import { ocspWindow } from "#shared/pki/stored-status";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { type Issued, issueCertificate } from "#shared/usecases/issue-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { type Bucket, openBucket, openEdge, type Seen } from "#test/edge/edge";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const second = 1_000;
const hour = 3_600_000;
const day = 24 * hour;
const skew = 120 * second;
const cached = 60 * second;
/** The documented bound where no removal came through: the rest of the window, on the slowest clock, and the edge's cache. */
const backstop = hour + skew + cached;

interface World extends AsyncDisposable {
  readonly house: House;
  readonly bucket: Bucket;
  readonly edges: readonly ((path: string) => Promise<Seen>)[];
  readonly origin: { down: boolean };
  /** The wake of the projections. */
  deliver(): Promise<void>;
}

async function openWorld(): Promise<World> {
  const house = await openHouse();
  const bucket = openBucket();
  const pool = createPool(64);
  const deps = { ...house.deps, revocationHostnames: new Set(["status.example.test"]), pool };
  const app = createRevocationApp(deps, bucket);
  const origin = { down: false };
  const fetch = async (request: Request): Promise<Response> =>
    origin.down ? new Response("down", { status: 503 }) : app.fetch(request);
  const edges = [-skew, 0, skew].map((ms) => openEdge({ fetch }, bucket, house.deps.clock.now, ms));
  const follow = createProjections(house.deps, bucket);
  return {
    house,
    bucket,
    edges,
    origin,
    deliver: () => follow("acme"),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

const issue = ({ house }: World): Promise<Issued> =>
  issueCertificate(house.deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });

const revoke = ({ house }: World, { certificate }: Issued) =>
  revokeCertificate(house.deps, adminCall("acme"), certificate.id, "keyCompromise");

const certIdsOf = ({ certificate, issuer }: Issued): readonly Uint8Array[] =>
  certIdVariants(issuerMaterial(issuer.id, issuer.state).certIdHashes, certificate.state.serial);

/** Each name's hour ends at a moment of its own: here none ends within the minutes of a test. */
async function issueMidWindow(world: World): Promise<Issued> {
  for (;;) {
    const issued = await issue(world);
    const now = world.house.deps.clock.now();
    if (certIdsOf(issued).every((certId) => ocspWindow(certId, now).endMs - now > 10 * 60 * second)) return issued;
  }
}

function pathOf(issued: Issued, variant: number): string {
  const { issuer } = issued;
  const certId = certIdsOf(issued)[variant] ?? new Uint8Array();
  return `/ocsp/${issuer.id}/${encodeURIComponent(base64(sequence(sequence(sequence(sequence(certId))))))}`;
}

async function statusAt({ edges, house }: World, issued: Issued, edge = 1, variant = 0) {
  const seen = await edges[edge]?.(pathOf(issued, variant));
  if (seen?.status !== 200) throw new Error(`answered ${seen?.status}`);
  const [single] = parseOcspResponse(seen.body).basic?.responses ?? [];
  expect(single?.certId.serialHex).toBe(issued.certificate.state.serial);
  expect(single?.nextUpdateMs, "nothing is served past its nextUpdate").toBeGreaterThan(house.deps.clock.now());
  return { status: single?.status.type, from: seen.from, leftMs: (single?.nextUpdateMs ?? 0) - house.deps.clock.now() };
}

it("is asked once an hour for what everybody asks for", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  expect(await statusAt(world, issued)).toMatchObject({ status: "good", from: "function" });
  expect(await statusAt(world, issued)).toMatchObject({ status: "good", from: "cache" });
  expect(await statusAt(world, issued, 1, 1)).toMatchObject({ from: "function" });
  world.house.advance(cached);
  const again = await statusAt(world, issued);
  expect(again).toMatchObject({ status: "good", from: "bucket" });
  expect(again.leftMs).toBeLessThanOrEqual(hour + 600 * second);
  world.house.advance(hour);
  expect(await statusAt(world, issued)).toMatchObject({ status: "good", from: "function" });
});

it("shows a revocation when it is delivered and the edge's minute is over, in every spelling", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  for (const variant of [0, 1, 2, 3]) await statusAt(world, issued, 1, variant);
  expect(world.bucket.held.size).toBe(4);
  await revoke(world, issued);
  await world.deliver();
  expect([...world.bucket.held.keys()].filter((key) => key.includes("/ocsp/"))).toEqual([]);
  world.house.advance(cached);
  for (const variant of [0, 1, 2, 3])
    expect(await statusAt(world, issued, 1, variant)).toMatchObject({ status: "revoked", from: "function" });
  world.house.advance(cached);
  expect(await statusAt(world, issued)).toMatchObject({ status: "revoked", from: "bucket" });
});

it("takes back an answer that a revocation overtook on its way into the bucket", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  world.bucket.before = async () => {
    world.bucket.before = () => Promise.resolve();
    await revoke(world, issued);
    await world.deliver();
  };
  expect(await statusAt(world, issued)).toMatchObject({ status: "good", from: "function" });
  world.house.advance(cached);
  expect(await statusAt(world, issued)).toMatchObject({ status: "revoked", from: "function" });
});

it("stores nothing that it does not know, and nothing by names that no edge gives", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  const unknown = {
    ...issued,
    certificate: { ...issued.certificate, state: { ...issued.certificate.state, serial: "77" } },
  };
  expect(await statusAt(world, unknown)).toMatchObject({ status: "unknown", from: "function" });
  expect(world.bucket.held.size).toBe(0);
  await statusAt(world, issued);
  const [key = ""] = world.bucket.held.keys();
  const [, , issuer, window, name = ""] = key.split("/");
  const refused = [
    `/status/ocsp/${issuer}/${Number(window) + 2}/${name}`,
    `/status/ocsp/${issuer}/${Number(window) - 2}/${name}`,
    `/status/ocsp/${issuer}/0${window}/${name}`,
    `/status/ocsp/${issuer}/${window}/${name}A`,
    `/status/ocsp/${issuer}/${window}/${name}=`,
  ];
  for (const path of refused) expect((await world.edges[1]?.(path))?.status, path).toBe(404);
  const garbage = await world.edges[1]?.(`/status/ocsp/${issuer}/${window}/AAAA`);
  expect([400, 404]).toContain(garbage?.status);
  expect(world.bucket.held.size).toBe(1);
});

it("goes on from the bucket while the function is down", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  const crl = `/crl/${issued.issuer.id}/0.crl`;
  await world.house.settle("acme");
  await world.deliver();
  await statusAt(world, issued);
  await world.edges[1]?.(`/ca/${issued.issuer.id}.cer`);
  world.origin.down = true;
  world.house.advance(2 * cached);
  expect(await statusAt(world, issued)).toMatchObject({ status: "good", from: "bucket" });
  expect(await world.edges[1]?.(crl)).toMatchObject({ status: 200, from: "bucket" });
  world.house.advance(day);
  expect(await world.edges[1]?.(crl)).toMatchObject({ status: 200, from: "bucket" });
  expect(await world.edges[1]?.(`/ca/${issued.issuer.id}.cer`)).toMatchObject({ status: 200, from: "bucket" });
  expect(await world.edges[1]?.(pathOf(issued, 0))).toMatchObject({ status: 503 });
});

it("serves the newest CRL when its publication is delivered, and none beyond its end", async () => {
  await using world = await openWorld();
  const issued = await issueMidWindow(world);
  const listed = async (): Promise<readonly string[]> => {
    const seen = await world.edges[1]?.(`/crl/${issued.issuer.id}/0.crl`);
    const crl = parseCertificateList(seen?.body ?? new Uint8Array());
    expect(crl.nextUpdateMs).toBeGreaterThan(world.house.deps.clock.now());
    return crl.entries.map(({ serialHex }) => serialHex);
  };
  await world.deliver();
  expect(await listed()).toEqual([]);
  await revoke(world, issued);
  await world.house.settle("acme");
  await world.deliver();
  world.house.advance(300 * second);
  expect(await listed()).toEqual([issued.certificate.state.serial]);
  for (let days = 0; days < 20; days++) {
    world.house.advance(day);
    await freshenRevocation(world.house.deps, "acme", () => undefined);
    expect(await listed()).toHaveLength(1);
  }
});

/** What may happen; numbers choose among the certificates that are there. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ type: "issue" as const }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("revoke" as const), of: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("deliver" as const), fails: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 1_500 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("ask" as const),
      of: fc.nat(9),
      edge: fc.nat(2),
      variant: fc.nat(3),
      // The function dies, or a revocation comes, between its look and its write.
      fate: fc.constantFrom("calm", "calm", "dies", "overtaken"),
    }),
  },
);

/** Comes by every place that can answer; by a certificate whose hour ends meanwhile not, so it is told a few times. */
const everyPlace = (): (typeof step extends fc.Arbitrary<infer Value> ? Value : never)[] => {
  const ask = { type: "ask", of: 0, edge: 1, variant: 0, fate: "calm" } as const;
  const wait = { type: "wait", seconds: 61 } as const;
  const deliver = { type: "deliver", fails: false } as const;
  return [ask, ask, wait, ask, { type: "revoke", of: 0 }, ask, deliver, wait, ask, wait, ask];
};

interface Fate {
  readonly issued: Issued;
  revokedAt?: number;
  deliveredAt?: number;
  /** A function died with this certificate's answer on its way: nobody looked again. */
  died: boolean;
}

it("is never wrong beyond the documented bound, whatever the history", { timeout: 120_000 }, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using world = await openWorld();
      const { house, bucket } = world;
      const calm = () => Promise.resolve();
      const certificates: Fate[] = [{ issued: await issue(world), died: false }];
      const chosen = (of: number): Fate => certificates[of % certificates.length] as Fate;
      const revokeNow = async (fate: Fate): Promise<void> => {
        if (fate.revokedAt !== undefined) return;
        await revoke(world, fate.issued);
        fate.revokedAt = house.deps.clock.now();
      };
      const deliverNow = async (): Promise<void> => {
        await world.deliver();
        for (const fate of certificates) if (fate.revokedAt !== undefined) fate.deliveredAt ??= house.deps.clock.now();
      };
      for (const each of steps) {
        if (each.type === "issue") certificates.push({ issued: await issue(world), died: false });
        if (each.type === "revoke") await revokeNow(chosen(each.of));
        if (each.type === "wait") house.advance(each.seconds * second);
        if (each.type === "deliver" && !each.fails) await deliverNow();
        if (each.type === "deliver" && each.fails) {
          bucket.before = () => Promise.reject(new Error("S3 is away"));
          await deliverNow().catch(() => undefined);
          bucket.before = calm;
        }
        if (each.type !== "ask") continue;
        const fate = chosen(each.of);
        if (each.fate === "overtaken")
          bucket.before = async () => {
            bucket.before = calm;
            await revokeNow(fate);
            await deliverNow();
          };
        if (each.fate === "dies")
          bucket.after = async () => {
            bucket.before = () => Promise.reject(new Error("the process is gone"));
            fate.died = true;
            await revokeNow(fate);
          };
        const { status, from } = await statusAt(world, fate.issued, each.edge, each.variant);
        bucket.before = calm;
        bucket.after = calm;
        seen.add(`${status} from ${from}`);
        const now = house.deps.clock.now();
        if (fate.revokedAt === undefined) expect(status).toBe("good");
        else if (status === "good") {
          const byDelivery = fate.died || fate.deliveredAt === undefined ? Infinity : fate.deliveredAt + cached;
          expect(now).toBeLessThan(Math.min(byDelivery, fate.revokedAt + backstop));
          seen.add("stale within the bound");
        } else expect(status).toBe("revoked");
      }
    }),
    { numRuns: 20, endOnFailure: true, examples: Array.from({ length: 5 }, () => [everyPlace()]) },
  );
  for (const what of ["good from bucket", "good from cache", "revoked from function", "revoked from bucket"])
    expect(seen).toContain(what);
  expect(seen).toContain("stale within the bound");
});
