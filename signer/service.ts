/**
 * What the signer does: makes keys, signs what the guard lets through, journals everything. One operation, one signature:
 * an opId that was answered before is answered from the journal (DESIGN §2a).
 */
import { FingerprintTable } from "#shared/crypto/fingerprints";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { KeyBackend } from "#shared/kernel/key-backend";
import { describeSpki } from "#shared/pki/key";
import type { Clock } from "#shared/ports/clock";
import {
  type DecryptRequest,
  type KeySpec,
  type PublicKey,
  type Signed,
  type Signer,
  type SignRequest,
} from "#shared/ports/signer";
import type { Learn } from "./guard/decision.ts";
import { guard } from "./guard/guard.ts";
import type { KeyState } from "./guard/key-state.ts";
import { guardDecrypt } from "./guard/ra.ts";
import { signEntry } from "./journal-entry.ts";
import type { Entry, Journal, JournalMark, Place } from "./journal.ts";
import { assertKeySpec, createKeyRegistry, placed, publicKeyOf } from "./key-registry.ts";
import { type KeyStore, sameSpec } from "./keys/key-store.ts";
import { type CountedType, createBatches, isCounted } from "./batches.ts";
import { createBudget } from "./budget.ts";
import { createOperations } from "./operations.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createRefusals, type Refused } from "./refusals.ts";
import type { Memory } from "./remembered.ts";
import { learnEntry } from "./replay.ts";
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
} from "./requests.ts";
import { createShift } from "./shift.ts";

export interface SignerDeps {
  readonly keys: KeyStore;
  /** What holds the CA keys of whoever does not ask for anything else. */
  readonly caKeys?: KeyBackend;
  readonly clock: Clock;
  /** Opens the journal and hands over its past, as far as it lies behind the mark. */
  readonly openJournal: (onRecord: (entry: Entry, place: Place) => void, from?: JournalMark) => Promise<Journal>;
  /** Absent: the whole journal is read at every start. */
  readonly memory?: Pick<Memory, "remembered" | "save">;
}

export interface SignerService extends Signer {
  /** Journals what could not even be asked, and throws the error. */
  refuse(request: Refused, error: unknown): Promise<never>;
  /** Writes what is only counted so far. */
  flush(): Promise<void>;
  /**
   * Saves what is remembered, when enough was learnt since the last time and nothing is in work.
   * @param least records; fewer are read again in some ten milliseconds
   */
  remember(least?: number): Promise<void>;
}

export async function createSignerService(deps: SignerDeps): Promise<SignerService> {
  const { keys, clock, openJournal, memory, caKeys = "sealed" } = deps;
  const remembered = memory?.remembered;
  const registry = createKeyRegistry(remembered);
  const operations = createOperations(remembered && FingerprintTable.of(remembered.operations));
  const making = new Map<string, Promise<PublicKey>>();
  const rate = createRateLimit(clock);
  const newKeys = createBudget(clock, mostNewKeys);
  const shift = createShift();
  const journal = await openJournal(
    (entry, { n, offset }) => learnEntry(entry, { n, place: offset }, { registry, operations }),
    remembered?.journal,
  );
  let rememberedTo = remembered?.journal.n ?? 0;
  const batches = createBatches(journal, clock);
  const { refuse, ...refusals } = createRefusals(journal, clock, registry);

  async function makeKey(spec: KeySpec): Promise<PublicKey> {
    const made = await keys.create(spec, (spki) => registry.byKeyBits(describeSpki(spki).keyBits) !== undefined);
    await journal.append({
      time: clock.now(),
      op: "generate",
      tenant: spec.tenant,
      handle: spec.handle,
      opId: `key/${spec.handle}`,
      type: "key",
      spec: made.spec,
      spki: base64(made.spki),
    });
    return publicKeyOf(registry.add(made.spec, made.spki));
  }

  /**
   * Within the key's rate, allowed, and able to. What passes is learnt in the same turn, so that two CRLs with one number
   * cannot both pass.
   * @returns why it is refused, where it is
   * @throws Failure `overloaded`, `corrupt`
   */
  function admit(key: KeyState, { type, tbs, proof }: SignRequest): Admitted {
    shedding(key, () => rate.take(key));
    let learn: Learn;
    try {
      learn = guard(type, { key, keys: registry, tbs, now: clock.now(), ...(proof !== undefined && { proof }) });
    } catch (error) {
      return { refused: error, forget: (other) => Promise.reject(other as Error) };
    }
    shedding(key, () => keys.open(key)); // a key that cannot sign gives no serial number away
    const unlearn = learn();
    return {
      refused: undefined,
      forget(error) {
        unlearn();
        throw error;
      },
    };
  }

  /** Too much at once is counted, not journalled one by one: that would give the flood another way in. */
  function shedding({ spec }: KeyState, check: () => void): void {
    try {
      check();
    } catch (error) {
      if (isFailure(error, "overloaded")) refusals.count(spec.tenant, spec.handle, error.message);
      throw error;
    }
  }

  async function signJournalled(
    key: KeyState,
    request: SignRequest,
    { forget }: Admitted,
  ): Promise<{ signed: Signed; place: Place }> {
    const { tbs } = request;
    const signed: Signed = { tbs, signature: await keys.sign(key, tbs).catch(forget) };
    return { signed, place: await journal.append(signEntry(request, signed, clock.now())) };
  }

  /** What was answered to the first try. @throws Failure `guard_refused` when that was another request */
  async function repeat(requestHash: string, request: SignRequest, result: Promise<Signed> | Signed): Promise<Signed> {
    if (requestHash === request.requestHash) return result;
    return refuse(request, otherRequest());
  }

  async function signOnce(key: KeyState, request: SignRequest): Promise<Signed> {
    for (let looked = 0; ; ) {
      const working = operations.inWork(request);
      if (working !== undefined) return repeat(working.requestHash, request, working.result);
      const offset = operations.places(request)[looked++];
      if (offset === undefined) {
        const loading = keys.load(key);
        if (loading === undefined) break; // in this very turn: nobody else can have begun it
        await loading;
        looked = 0;
        continue;
      }
      const record = await journal.readAt(offset);
      if (record.tenant !== request.tenant || record.opId !== request.opId) continue;
      return repeat(record.requestHash ?? "", request, {
        tbs: fromBase64(record.tbs ?? ""),
        signature: fromBase64(record.signature ?? ""),
      });
    }
    const admitted = admit(key, request);
    if (admitted.refused !== undefined) return refuse(request, admitted.refused);
    const work = signJournalled(key, request, admitted);
    const result = work.then(({ signed }) => signed);
    result.catch(() => undefined); // whoever waits for it hears; a failure that nobody else waits for is no crash
    operations.began(request, { requestHash: request.requestHash, result });
    try {
      const { signed, place } = await work;
      operations.ended(request, place.offset);
      return signed;
    } catch (error) {
      operations.failed(request);
      throw error;
    }
  }

  async function ready(key: KeyState): Promise<void> {
    for (let loading = keys.load(key); loading !== undefined; loading = keys.load(key)) await loading;
  }

  async function signCounted(key: KeyState, request: SignRequest, type: CountedType): Promise<Signed> {
    await ready(key);
    const admitted = admit(key, request);
    if (admitted.refused !== undefined) return refuse(request, admitted.refused);
    const signature = await keys.sign(key, request.tbs).catch(admitted.forget);
    await batches.count(key, type, request.tbs);
    return { tbs: request.tbs, signature };
  }

  async function decryptCounted(key: KeyState, request: DecryptRequest): Promise<Uint8Array> {
    shedding(key, () => rate.takeDecryption(key));
    try {
      guardDecrypt(key, request, clock.now());
    } catch (error) {
      return refuse(decryption(request), error);
    }
    const contentKey = await keys.decrypt(key, request.ciphertext, request.keyBytes);
    await batches.count(key, "decrypt", request.ciphertext);
    return contentKey;
  }

  /** @throws Failure `guard_refused`, `conflict`, `overloaded` */
  async function keyFor(asked: KeySpec): Promise<PublicKey> {
    assertKeySpec(asked, registry);
    const existing = registry.byHandle(asked.tenant, asked.handle);
    const spec = placed(asked, existing?.spec, caKeys);
    if (existing !== undefined && !sameSpec(existing.spec, spec)) throw otherSpec(spec);
    if (existing !== undefined) return publicKeyOf(existing);
    const name = `${spec.tenant}/${spec.handle}`;
    let work = making.get(name);
    if (work === undefined) {
      if (!newKeys.take(spec.tenant)) throw tooManyKeys();
      work = makeKey(spec).finally(() => making.delete(name));
      making.set(name, work);
    }
    const made = await work;
    const state = registry.byHandle(spec.tenant, spec.handle);
    if (state === undefined || !sameSpec(state.spec, placed(asked, state.spec, caKeys)))
      throw new Failure("conflict", `key ${spec.handle} was just made with another spec`);
    return made;
  }

  return {
    refuse,

    async generateKey(spec) {
      try {
        return await shift.work(() => keyFor(spec));
      } catch (error) {
        if (!refusesKey(error)) throw error;
        return refuse(makingOf(spec), error);
      }
    },

    async sign(request) {
      const key = registry.byHandle(request.tenant, request.handle);
      if (key === undefined) return refuse(request, noKey(request));
      const wrong = unserved(request);
      if (wrong !== undefined) return refuse(request, wrong);
      const { type } = request;
      return shift.work(() => (isCounted(type) ? signCounted(key, request, type) : signOnce(key, request)));
    },

    async decrypt(request) {
      const key = registry.byHandle(request.tenant, request.handle);
      if (key === undefined) return refuse(decryption(request), noKey(request));
      return shift.work(() => decryptCounted(key, request));
    },

    journal: (tenant, after, limit) => journal.scan(after, limit, (entry) => entry.tenant === tenant),
    async health() {
      const broken = journal.broken();
      if (broken !== undefined) throw broken;
    },

    async flush() {
      await batches.flush();
      await refusals.flush();
    },

    async remember(least = Math.max(worthRemembering, rememberedTo / 10)) {
      if (memory === undefined || journal.count() - rememberedTo < least) return;
      // What is learnt and not yet journalled would be remembered as if it had happened.
      await shift.pause(async () => {
        const mark = await journal.mark();
        if (mark === undefined) return;
        memory.save({ journal: mark, operations: operations.dump(), ...registry.dump() });
        rememberedTo = mark.n;
      });
    },
  };
}

interface Admitted {
  readonly refused: unknown;
  /** The key's holder did not sign: what was learnt is taken back, and the failure goes on. */
  readonly forget: (error: unknown) => Promise<never> | never;
}

const worthRemembering = 5_000;
