/**
 * Whatever is issued, revoked, published, cut off and restarted, in whatever order: base and delta CRLs of all shards say
 * together exactly what is revoked, numbers rise, and what has ended leaves only after a complete CRL has named it once more.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { createOutbox } from "#functions/outbox/app";
import { crlId } from "#shared/domain/crl/crl";
import { crlShardId, maxShardEntries } from "#shared/domain/crl-shard/crl-shard";
import { Failure, isFailure } from "#shared/kernel/failure";
import { parseCertificateList } from "#shared/pki/crl";
import { change } from "#shared/usecases/commit";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { startRevocation } from "#shared/usecases/revocation-jobs";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "#test/in-process/house";
import { hold, lengthOf, timeoutOf } from "./settings.ts";

const length = lengthOf({ runs: 10, commands: 20 });
const day = 86_400_000;
const csr = newCsr("a.example.test");

interface Known {
  readonly id: string;
  readonly serial: string;
  readonly shard: number;
  readonly notAfterMs: number;
  revoked: boolean;
}

/** Everything that was ever published: what no event names is fetched by nobody. */
class Published {
  readonly #last = new Map<string, bigint>();
  /** By serial: the latest thisUpdate of a complete CRL that names it. */
  readonly named = new Map<string, number>();

  see(blob: string, der: Uint8Array): void {
    const list = parseCertificateList(der);
    const kind = `${list.idpUrl} ${list.deltaBase === undefined ? "complete" : "delta"}`;
    if (list.number <= (this.#last.get(kind) ?? 0n)) throw new Error(`${blob} goes back`);
    this.#last.set(kind, list.number);
    if (list.deltaBase !== undefined) return;
    for (const { serialHex } of list.entries) this.named.set(serialHex, list.thisUpdateMs);
  }
}

interface Estate {
  readonly house: House;
  deps: House["deps"];
  readonly known: Known[];
  readonly published: Published;
}

const acts = {
  async issue({ deps, known }: Estate) {
    const { certificate } = await issueCertificate(deps, adminCall("acme"), { csr, protocol: "api" });
    const { serial, shard, not_after } = certificate.state;
    known.push({ id: certificate.id, serial, shard, notAfterMs: Date.parse(not_after), revoked: false });
  },
  async revoke({ deps, known }: Estate, pick: number) {
    const one = known[pick % Math.max(known.length, 1)];
    if (one === undefined) return;
    await revokeCertificate(deps, adminCall("acme"), one.id, "superseded").catch((error: unknown) => {
      if (!isFailure(error, "conflict")) throw error;
    });
    one.revoked = true;
  },
  async revokeSome(estate: Estate, pick: number) {
    const { deps, known } = estate;
    const some = known.filter((_, n) => (n + pick) % 3 === 0);
    if (some.length === 0) return;
    const filter = { certificates: some.map(({ id }) => id) };
    await startRevocation(deps, adminCall("acme"), { mode: "revoke", reason: "keyCompromise", all: false, filter });
    await settled(estate);
    for (const one of some) if (one.notAfterMs > deps.clock.now() - 10_000) one.revoked = true;
  },
  async settle(estate: Estate) {
    await settled(estate);
  },
  async die({ house, deps }: Estate, pick: number) {
    let commits = 0;
    const commit: typeof deps.log.commit = (append) =>
      commits++ < pick % 3 ? deps.log.commit(append) : Promise.reject(new Failure("unavailable", "killed"));
    await createOutbox({ ...deps, log: { ...deps.log, commit }, report: () => undefined })("acme").catch(
      () => undefined,
    );
    house.advance(3_000);
  },
  async restart(estate: Estate) {
    estate.deps = { ...estate.deps, directory: { ...estate.deps.directory } };
  },
  async time({ house, deps }: Estate, pick: number) {
    house.advance((1 + (pick % 13)) * (day / 2));
    await freshenRevocation(deps, "acme", (_, error) => expect.unreachable(String(error)));
  },
  async nextShard({ deps, known }: Estate) {
    const issuer = known[0]?.id.split("-")[0] ?? "";
    if (issuer === "") return;
    const { shards } = (await existing(deps, "acme", "issuer", issuer)).state;
    const until = new Date(deps.clock.now() + 40 * day).toISOString();
    await change(deps, adminCall("acme"), async () => {
      const stream = await deps.log.load("acme", "crl-shard", crlShardId(issuer, shards - 1));
      const count = maxShardEntries - (stream.state?.assigned ?? 0);
      return {
        stream,
        event: { type: "crl-shard.reserved", data: { issuer, shard: shards - 1, count, until, reused: false } },
      };
    });
  },
};

async function settled({ house, deps }: Estate): Promise<void> {
  const outbox = createOutbox({ ...deps, report: (error) => expect.unreachable(String(error)) });
  for (let passes = 0; passes < 50; passes++) {
    await outbox("acme");
    const { items } = await deps.log.list("acme", "outbox", { limit: 10, view: { name: "outbox-pending" } });
    if (items.length === 0) return;
    house.advance(2_500);
  }
  throw new Error("the outbox is never done");
}

async function check({ deps, known, published }: Estate): Promise<void> {
  const issuer = known[0]?.id.split("-")[0] ?? "";
  const { shards } = (await existing(deps, "acme", "issuer", issuer)).state;
  for (let shard = 0; shard < shards; shard++) {
    const { state } = await existing(deps, "acme", "crl", crlId(issuer, shard));
    const read = async (blob: string): Promise<ReturnType<typeof parseCertificateList>> =>
      parseCertificateList((await deps.blob.get(blob)) ?? new Uint8Array());
    const complete = await read(state.blob);
    const delta = await read(state.delta?.blob ?? state.blob);
    expect(delta.deltaBase).toBe(BigInt(state.base?.number ?? 0));
    expect(complete.nextUpdateMs).toBeGreaterThan(deps.clock.now());
    expect(delta.nextUpdateMs).toBeGreaterThan(deps.clock.now());
    const said = new Set([...complete.entries, ...delta.entries].map(({ serialHex }) => serialHex));
    const here = known.filter((one) => one.shard === shard);
    for (const { serial, revoked, notAfterMs } of here) {
      const gone = revoked && !said.has(serial);
      if (gone) expect(published.named.get(serial) ?? 0, `${serial} left too early`).toBeGreaterThan(notAfterMs);
      else expect(said.has(serial), serial).toBe(revoked);
    }
    for (const serial of said) expect(here.map((one) => one.serial)).toContain(serial);
  }
}

const step = fc.record({
  act: fc.constantFrom(...(["issue", "revoke", "issue", ...Object.keys(acts)] as (keyof typeof acts)[])),
  pick: fc.nat(30),
});

test("base and delta say what is revoked, in any history", { timeout: timeoutOf(length) }, async () => {
  await hold(
    fc.asyncProperty(
      fc.array(step, { minLength: 8, maxLength: Math.max(8, length.commands), size: "max" }),
      async (steps) => {
        await using house = await openHouse();
        const published = new Published();
        const commit: typeof house.deps.log.commit = async (append) => {
          const committed = await house.deps.log.commit(append);
          const { type, data } = append.event;
          if (committed.ok && (type === "crl.published" || type === "crl.delta-published"))
            published.see(data.blob, (await house.deps.blob.get(data.blob)) ?? new Uint8Array());
          return committed;
        };
        const log = { ...house.deps.log, commit };
        const estate: Estate = { house, deps: { ...house.deps, log }, known: [], published };
        await acts.issue(estate);
        for (const { act, pick } of steps) await acts[act](estate, pick);
        await settled(estate);
        await freshenRevocation(estate.deps, "acme", (_, error) => expect.unreachable(String(error)));
        await check(estate);
        expect((await compareWithLog(house.deps.log, house.deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
      },
    ),
    length,
  );
});
