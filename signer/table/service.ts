/**
 * The signer where several processes serve one set of keys, each for a moment (Lambda): the same guard, the same learning and
 * the same promises as `../service.ts`, over a journal for each tenant that all of them write (docs/design/0073).
 *
 * A request is judged by what this process has learnt; its signature leaves only once its record is the next one of the journal,
 * so whatever another process wrote first is learnt and judged by before. What is refused is refused by the newest record.
 */
import { base64, fromBase64, hex } from "#shared/kernel/bytes";
import { type Failure, isFailure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import type { KeyBackend } from "#shared/kernel/key-backend";
import type { DecryptRequest, KeySpec, PublicKey, Signed, SignRequest } from "#shared/ports/signer";
import { type CountedType, isCounted } from "../batches.ts";
import { createBudget } from "../budget.ts";
import { guard } from "../guard/guard.ts";
import type { KeyState } from "../guard/key-state.ts";
import { certifiedKeyBits } from "../guard/learn.ts";
import { guardDecrypt } from "../guard/ra.ts";
import { type Entry, signEntry } from "../journal-entry.ts";
import { assertKeySpec, keyStateOf, placed, publicKeyOf } from "../key-registry.ts";
import { type KeyStore, sameSpec, type StoredKey } from "../keys/key-store.ts";
import { refusalBudget, refusalOf, type Refused } from "../refusals.ts";
import {
  decryption,
  makingOf,
  mostNewKeys,
  noKey,
  otherRequest,
  otherSpec,
  refusesKey,
  tooManyKeys,
  unserved,
} from "../requests.ts";
import type { SignerService } from "../service.ts";
import { scanChain } from "./chain.ts";
import { hasCounters } from "./counters.ts";
import type { Desk, DeskDeps } from "./desk.ts";
import { openDesks } from "./desks.ts";
import { createKeyIndex, withStrangers } from "./key-index.ts";
import { nobody } from "./record-item.ts";
import { restoredKey } from "./restored.ts";

export interface TableSignerDeps extends DeskDeps {
  readonly keys: KeyStore;
  /** What holds the CA keys of whoever does not ask for anything else. */
  readonly caKeys?: KeyBackend;
}

const lookMs = 600_000;
const mostLooked = 10_000;

/** So old may be what a counted answer is judged by; it could as well have been given so much earlier. */
const staleMs = 1_000;

export function createTableSigner(deps: TableSignerDeps): SignerService {
  const { items, keys, caKeys = "sealed", clock, process } = deps;
  const desks = openDesks(deps);
  const index = createKeyIndex(items);
  const budget = refusalBudget(clock);
  const newKeys = createBudget(clock, mostNewKeys);
  /** When a tenant that is only read was last looked after. */
  const looked = new Map<string, number>();

  /** What can be no tenant's name has the desk of nobody. */
  const at = <T>(tenant: unknown, work: (desk: Desk) => Promise<T>): Promise<T> =>
    desks.at(typeof tenant === "string" && isTenantId(tenant) ? tenant : nobody, work);

  const append = (desk: Desk, entry: Entry): Promise<number | undefined> =>
    desk.chain.append({ ...entry, by: process });

  async function ready(key: KeyState): Promise<void> {
    for (let loading = keys.load(key); loading !== undefined; loading = keys.load(key)) await loading;
  }

  /**
   * Refuses by the newest record there is.
   * @returns undefined when that was not known yet: then it is judged again
   * @throws the error
   */
  async function refused(desk: Desk, request: Refused, error: unknown): Promise<undefined> {
    if (isFailure(error, "overloaded")) {
      await shed(desk, request, error);
      throw error;
    }
    if ((await desk.chain.catchUp()) > 0) return undefined;
    await write(desk, request, error);
    throw error;
  }

  /** Too much at once is counted, not journalled one by one: that would give the flood another way in. */
  const shed = (desk: Desk, { tenant, handle }: Refused, error: Failure): Promise<void> =>
    desk.counters.shed({ tenant: String(tenant), handle: String(handle), reason: error.message });

  /** In the tenant's journal; where there are no keys the name may be anybody's invention, and none is begun for it. */
  async function write(desk: Desk, request: Refused, error: unknown): Promise<void> {
    if (desk.tenant !== nobody && desk.registry.ofTenant(desk.tenant).length === 0)
      return desks.at(nobody, (other) => write(other, request, error));
    const refusal = refusalOf(request, error, { now: clock.now(), keys: desk.registry, budget });
    if ("shed" in refusal) return desk.counters.shed(refusal.shed);
    await desk.contend(() => append(desk, { ...refusal.entry, time: clock.now() }));
  }

  async function refuse(request: Refused, error: unknown): Promise<never> {
    await at(request.tenant, (desk) => write(desk, request, error));
    throw error;
  }

  /** The key, whoever made it. @throws Failure `guard_refused`, journalled, when nobody did */
  async function keyOf(desk: Desk, request: { readonly tenant: string; readonly handle: string }, as: Refused) {
    const find = () => desk.registry.byHandle(request.tenant, request.handle);
    if (find() === undefined) await desk.chain.catchUp();
    const key = find();
    if (key !== undefined) return key;
    const error = noKey(request);
    await write(desk, as, error);
    throw error;
  }

  async function signOnce(desk: Desk, key: KeyState, request: SignRequest): Promise<Signed> {
    const { type, requestHash, tbs, proof } = request;
    const strangers = new Map<string, KeyState>();
    const lookup = withStrangers(desk.registry, strangers);
    let signature: Uint8Array | undefined;
    let taken = false;
    return desk.contend(async () => {
      const done = await desk.recorded(request, "sign");
      if (done !== undefined && done.requestHash !== requestHash) return refused(desk, request, otherRequest());
      if (done !== undefined) return { tbs: fromBase64(done.tbs ?? ""), signature: fromBase64(done.signature ?? "") };
      await ready(key);
      try {
        if (taken) desk.rate.assertWithin(key);
        else desk.rate.take(key);
        taken = true;
        guard(type, { key, keys: lookup, tbs, now: clock.now(), ...(proof !== undefined && { proof }) });
        if (signature === undefined) keys.open(key);
      } catch (error) {
        return refused(desk, request, error);
      }
      if (signature === undefined) {
        const [made, stranger] = await Promise.all([keys.sign(key, tbs), strangerIn(desk, request)]);
        signature = made;
        if (stranger !== undefined) {
          const state = keyStateOf(stranger.spec, stranger.spki);
          strangers.set(hex(state.keyBits), state);
          return undefined; // the guard says what is wrong with it
        }
      }
      const signed: Signed = { tbs, signature };
      const n = await append(desk, signEntry(request, signed, clock.now()));
      return n === undefined ? undefined : signed;
    });
  }

  /** The key of another tenant that a certificate is about: of the tenant's own keys the journal tells. */
  async function strangerIn({ registry }: Desk, { type, tbs }: SignRequest): Promise<StoredKey | undefined> {
    if (type !== "certificate") return undefined;
    const bits = certifiedKeyBits(tbs);
    return registry.byKeyBits(bits) === undefined ? index.find(bits) : undefined;
  }

  async function signCounted(desk: Desk, key: KeyState, request: SignRequest, type: CountedType): Promise<Signed> {
    const { tenant, handle, tbs } = request;
    await desk.fresh(staleMs);
    let taken = false;
    return desk.contend(async () => {
      await ready(key);
      try {
        if (!taken) desk.rate.take(key, true);
        taken = true;
        guard(type as SignRequest["type"], { key, keys: desk.registry, tbs, now: clock.now() });
        keys.open(key);
      } catch (error) {
        return refused(desk, request, error);
      }
      const signature = await keys.sign(key, tbs);
      await desk.counters.count(tenant, handle, type, tbs);
      return { tbs, signature };
    });
  }

  async function decryptCounted(desk: Desk, key: KeyState, request: DecryptRequest): Promise<Uint8Array> {
    const { tenant, handle, ciphertext, keyBytes } = request;
    await desk.fresh(staleMs);
    let taken = false;
    return desk.contend(async () => {
      try {
        if (!taken) desk.rate.takeDecryption(key);
        taken = true;
        guardDecrypt(key, request, clock.now());
      } catch (error) {
        return refused(desk, decryption(request), error);
      }
      const contentKey = await keys.decrypt(key, ciphertext, keyBytes);
      await desk.counters.count(tenant, handle, "decrypt", ciphertext);
      return contentKey;
    });
  }

  /** @throws Failure `guard_refused`, `conflict`, `overloaded` */
  function keyFor(desk: Desk, asked: KeySpec): Promise<PublicKey> {
    let allowed = false;
    return desk.contend(async () => {
      try {
        assertKeySpec(asked, desk.registry);
      } catch (error) {
        if ((await desk.chain.catchUp()) > 0) return undefined;
        throw error;
      }
      const { tenant, handle } = asked;
      const existing = desk.registry.byHandle(tenant, handle);
      const spec = placed(asked, existing?.spec, caKeys);
      if (existing !== undefined && !sameSpec(existing.spec, spec)) throw otherSpec(spec);
      if (existing !== undefined) return publicKeyOf(existing);
      if (!allowed && !newKeys.take(tenant)) throw tooManyKeys();
      allowed = true;
      const made = await keys.create(spec, (spki) => index.isTaken({ spec, spki }));
      if (!(await index.claim(made))) return undefined; // another process was first to take it: there may be another key
      await append(desk, {
        time: clock.now(),
        op: "generate",
        tenant,
        handle,
        opId: `key/${handle}`,
        type: "key",
        spec: made.spec,
        spki: base64(made.spki),
      });
      return undefined; // it is there now, by whoever was first
    });
  }

  /** Every tenant is read every minute, which is no reason to learn all of each: now and then it is seen to its totals. */
  async function wantsClosing(tenant: string): Promise<boolean> {
    const now = clock.now();
    if (now - (looked.get(tenant) ?? 0) < lookMs) return false;
    if (looked.size >= mostLooked) looked.clear();
    looked.set(tenant, now);
    return hasCounters(items, tenant);
  }

  return {
    refuse,

    async generateKey(spec) {
      try {
        return await at((spec as Partial<KeySpec> | undefined)?.tenant, (desk) => keyFor(desk, spec));
      } catch (error) {
        if (!refusesKey(error)) throw error;
        return refuse(makingOf(spec), error);
      }
    },

    sign: (request) =>
      at(request.tenant, async (desk) => {
        const key = await keyOf(desk, request, request);
        const wrong = unserved(request);
        if (wrong !== undefined) {
          await write(desk, request, wrong);
          throw wrong;
        }
        const { type } = request;
        return isCounted(type) ? signCounted(desk, key, request, type) : signOnce(desk, key, request);
      }),

    decrypt: (request) =>
      at(request.tenant, async (desk) =>
        decryptCounted(desk, await keyOf(desk, request, decryption(request)), request),
      ),

    async journal(tenant, after, limit) {
      if (!isTenantId(tenant)) return [];
      if (desks.isOpen(tenant) || (await wantsClosing(tenant)))
        return at(tenant, ({ chain }) => chain.scan(after, limit));
      return scanChain({ items, bucket: deps.bucket, tenant }, after, limit);
    },

    async health() {
      await items.get(restoredKey);
    },

    flush: () => desks.each((desk) => desk.tidy(true)),

    remember: (least = 1) => desks.each((desk) => desk.save(least)),
  };
}
