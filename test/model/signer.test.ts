/**
 * Several processes of the signer over one table, interleaved at every step, killed between any two, with a store that throttles
 * and loses answers and clocks that differ: of each operation one signature is ever released, serial numbers come once, CRL
 * numbers rise and their entries stay, and whatever was released stands in a journal whose chain holds.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { parseTbsCertList } from "#shared/pki/crl";
import type { SignRequest } from "#shared/ports/signer";
import { recordOf } from "#signer/table/record-item";
import type { Entry } from "#signer/journal-entry";
import { openFleet } from "#test/signer/fleet";
import { memoryBucket, memoryItems } from "#test/signer/items";
import { type Chain, makeChain, request, spec, start } from "#test/signer/workshop";
import { hold, lengthOf, timeoutOf } from "./settings.ts";
import { type Fate, Killed, type Machine, startMachine } from "./signer/machine.ts";
import { createTurns, type Turns } from "./signer/turns.ts";

const length = lengthOf({ runs: 40, commands: 10 });

type Act =
  | { readonly kind: "leaf"; readonly op: number; readonly serial: number }
  | { readonly kind: "crl"; readonly op: number; readonly number: number; readonly entries: number }
  | { readonly kind: "ocsp" | "remember" | "read" | "later" }
  | { readonly kind: "key"; readonly handle: number };

const small = fc.nat(5);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("leaf" as const), op: fc.nat(12), serial: fc.nat(9) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("crl" as const), op: fc.nat(12), number: small, entries: small }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("key" as const), handle: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("ocsp", "remember", "read", "later") }) },
);
const fate: fc.Arbitrary<Fate> = fc.record({
  afterSteps: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(1_000_000)),
  deedDone: fc.boolean(),
  troubles: fc.constantFrom(0, 0, 5, 20),
  skewMs: fc.constantFrom(0, 0, 1_500, -1_500, 1_200_000, -1_200_000),
});

interface Released {
  readonly opId: string;
  readonly tbs: string;
  readonly signature: string;
}

class World {
  readonly released: Released[] = [];
  readonly keys = new Map<string, string>();
  ocsp = { answered: 0, tried: 0 };
  now = start;
  readonly items = memoryItems();
  readonly bucket = memoryBucket();
  readonly clock = { now: () => this.now };
  readonly fleet = openFleet({ clock: this.clock, items: this.items, bucket: this.bucket, processes: 3 });
  readonly machines: Machine[] = [];
  readonly turns: Turns;
  readonly fates: readonly Fate[];
  started = 0;

  constructor(seed: number, fates: readonly Fate[]) {
    this.turns = createTurns(seed);
    this.fates = fates;
  }

  /** Any of three, each replaced by a new one when it is dead; the last ones live for ever. */
  machine(): Machine {
    const at = this.turns.draw(3);
    const there = this.machines[at];
    if (there !== undefined && !there.dead()) return there;
    const calm: Fate = { afterSteps: Number.POSITIVE_INFINITY, deedDone: false, troubles: 0, skewMs: 0 };
    const fresh = startMachine(this.fleet, this, this.turns, this.fates[this.started++] ?? calm);
    this.machines[at] = fresh;
    return fresh;
  }

  entries(): Entry[] {
    return this.items.all().flatMap((item) => (item.pk === "T#acme#J" ? [recordOf(item).entry] : []));
  }
}

const serialOf = (n: number): string => `55${sha256Hex(String(n)).slice(0, 30)}`;

/** The same operation asked again may well bring other bytes: a time that has gone on. */
function asked(act: Act & { kind: "leaf" | "crl" }, chain: Chain, world: World): SignRequest {
  const opId = `${act.kind}-${act.op}`;
  const requestHash = sha256Hex(JSON.stringify(act));
  if (act.kind === "leaf")
    return request("certificate", "ca", chain.leafTbs({ serial: Buffer.from(serialOf(act.serial), "hex") }), {
      opId,
      requestHash,
    });
  const entries = Array.from({ length: act.entries }, (_, at) => ({
    serial: serialOf(100 + at),
    revokedAtMs: start - 1000,
    reason: "superseded" as const,
  }));
  const tbs = chain.crlTbs({ number: act.number + 1, entries, thisUpdateMs: world.now });
  return request("crl", "ca", tbs, { opId, requestHash });
}

/** One thing that a front asks for, and again of another process while it hears nothing. */
async function perform(act: Act, chain: Chain, world: World): Promise<void> {
  if (act.kind === "later") return void (world.now += 61_000);
  for (let tries = 0; tries < 4; tries++) {
    try {
      if (act.kind === "leaf" || act.kind === "crl") {
        const asking = asked(act, chain, world);
        const { tbs, signature } = await world.machine().asked((one) => one.sign(asking));
        world.released.push({ opId: asking.opId, tbs: sha256Hex(tbs), signature: sha256Hex(signature) });
      } else if (act.kind === "ocsp") {
        world.ocsp.tried++;
        await world.machine().asked((one) => one.sign(request("ocsp", "ocsp", chain.ocspTbs())));
        world.ocsp.answered++;
      } else if (act.kind === "key") {
        const handle = `key-${act.handle}`;
        const made = await world.machine().asked((one) => one.generateKey(spec({ handle, purpose: "issuing-ca" })));
        const spki = sha256Hex(made.spki);
        expect(world.keys.get(handle) ?? spki).toBe(spki);
        world.keys.set(handle, spki);
      } else if (act.kind === "read") await world.machine().asked((one) => one.journal("acme", 0, 1000));
      else await world.machine().asked((one) => one.remember(1));
      return;
    } catch (error) {
      if (error instanceof Killed || isFailure(error, "unavailable") || isFailure(error, "overloaded")) continue;
      if (isFailure(error, "guard_refused")) return;
      throw error;
    }
  }
}

function check(world: World): void {
  const entries = world.entries();
  const signed = entries.filter(({ op }) => op === "sign");
  const byOp = new Map<string, Entry>();
  for (const entry of signed) {
    expect(byOp.has(entry.opId), `${entry.opId} is signed twice`).toBe(false);
    byOp.set(entry.opId, entry);
  }
  for (const { opId, tbs, signature } of world.released) {
    const entry = byOp.get(opId);
    expect({
      tbs: sha256Hex(fromBase64(entry?.tbs ?? "")),
      signature: sha256Hex(fromBase64(entry?.signature ?? "")),
    }).toEqual({ tbs, signature });
  }
  const serials = signed
    .filter(({ type, handle }) => type === "certificate" && handle === "ca")
    .map(({ tbs }) => parseTbsCertificate(fromBase64(tbs ?? "")).serialHex);
  expect(new Set(serials).size, "a serial number came twice").toBe(serials.length);
  let number = 0n;
  let named = new Set<string>();
  for (const { tbs } of signed.filter(({ type }) => type === "crl")) {
    const crl = parseTbsCertList(fromBase64(tbs ?? ""));
    expect(crl.number > number, "a CRL number did not rise").toBe(true);
    ({ number } = crl);
    const now = new Set(crl.entries.map(({ serialHex }) => serialHex));
    for (const serial of named) expect(now.has(serial), "an entry vanished").toBe(true);
    named = now;
  }
  const made = entries.filter(({ op }) => op === "generate").map(({ handle }) => handle);
  expect(new Set(made).size).toBe(made.length);
  const counted = entries.reduce(
    (sum, { op, type, count = 0 }) => (op === "batch" && type === "ocsp" ? sum + count : sum),
    0,
  );
  expect(counted).toBeGreaterThanOrEqual(world.ocsp.answered);
  expect(counted).toBeLessThanOrEqual(world.ocsp.tried);
}

test(
  "processes at one table, killed at any moment, keep the promises of one",
  async () => {
    const clients = fc.array(fc.array(act, { minLength: 1, maxLength: length.commands }), {
      minLength: 2,
      maxLength: 4,
    });
    await hold(
      fc.asyncProperty(fc.nat(), fc.array(fate, { maxLength: 8 }), clients, async (seed, fates, lists) => {
        const world = new World(seed, fates);
        const chain = await makeChain({ service: world.fleet.start(), clock: world.clock });
        const front = async (acts: readonly Act[]): Promise<void> => {
          for (const one of acts) await perform(one, chain, world);
        };
        await world.turns.until(Promise.all(lists.map(front)));
        // Whoever comes next closes what is open, and reads everything from the beginning.
        world.now += 3_600_000;
        world.bucket.objects.clear();
        const next = world.fleet.start();
        await next.sign(request("certificate", "ca", chain.leafTbs()));
        const records = await next.journal("acme", 0, 1000);
        expect(records.map(({ n }) => n)).toEqual(records.map((_, at) => at + 1));
        check(world);
        expect(world.items.all().filter(({ pk }) => pk.endsWith("#B"))).toEqual([]);
      }),
      length,
    );
  },
  timeoutOf(length),
);
