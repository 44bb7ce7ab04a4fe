/** The sealed key store: opens what a storage keeps sealed (`sealed-key.ts`), and keeps it open in memory. */
import type { KeyObject } from "node:crypto";
import { fromBase64, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { KeySpec } from "#shared/ports/signer";
import { keyAlgorithms } from "./algorithms.ts";
import { type KeyStore, sameSpec, type StoredKey } from "./key-store.ts";
import { createKeyTransport } from "./key-transport.ts";
import { createLanes } from "./lanes.ts";
import { assertSealedFor, bindingOf, readSealedKey, sealKey, spkiOf, unsealKey, type Wrapping } from "./sealed-key.ts";

/** Where sealed keys lie, one under each tenant and handle. */
export interface SealedStorage {
  /** As the operator knows the place. */
  where(spec: KeySpec): string;
  /** @returns undefined when there is none; the caller's to wipe @throws Failure `corrupt`, `unavailable` */
  read(spec: KeySpec): Promise<Uint8Array | undefined>;
  /** Durable when it returns, and never over another one. @returns false when there is one already */
  write(spec: KeySpec, bytes: Uint8Array): Promise<boolean>;
}

export interface SealedDeps {
  readonly storage: SealedStorage;
  readonly wrapping: Wrapping;
  /** What a wrong decryption is answered from (`key-transport.ts`), 32 secret bytes. */
  readonly rejection: Uint8Array;
  /** A key is unwrapped again after so long, so that who takes the wrapping away takes the keys away. Absent: never. */
  readonly open?: { readonly clock: Clock; readonly forMs: number };
}

interface Ready {
  readonly key: KeyObject;
  readonly until: number;
}

export function sealedKeyStore({ storage, wrapping, rejection, open }: SealedDeps): KeyStore {
  const ready = new Map<string, Ready>();
  const loading = new Map<string, Promise<void>>();
  const lanes = createLanes();
  const transport = createKeyTransport(rejection);
  const nameOf = ({ tenant, handle }: KeySpec): string => `${tenant}/${handle}`;

  function keep(spec: KeySpec, key: KeyObject): void {
    const now = open?.clock.now() ?? 0;
    if (open !== undefined) for (const [name, { until }] of ready) if (until <= now) ready.delete(name);
    ready.set(nameOf(spec), { key, until: open === undefined ? Number.POSITIVE_INFINITY : now + open.forMs });
  }

  const isReady = (spec: KeySpec): boolean => (ready.get(nameOf(spec))?.until ?? 0) > (open?.clock.now() ?? 0);

  /** @param expected undefined: whatever the stored key says that it was made for */
  async function unsealed(
    spec: KeySpec,
    expected: KeySpec | undefined,
  ): Promise<{ readonly key: KeyObject; readonly spec: KeySpec } | undefined> {
    const bytes = await storage.read(spec);
    if (bytes === undefined) return undefined;
    const where = storage.where(spec);
    try {
      const sealed = readSealedKey(bytes, where);
      // The journal's spec is the one that counts; a key that says otherwise was changed or is another.
      const made = expected ?? sealed.spec;
      assertSealedFor(sealed, made, where, wrapping);
      const dataKey = await wrapping.unwrap(fromBase64(sealed.dataKey), bindingOf(made));
      return { key: unsealKey(sealed, dataKey), spec: made };
    } finally {
      bytes.fill(0);
    }
  }

  async function makeReady(spec: KeySpec): Promise<void> {
    const found = await unsealed(spec, spec);
    if (found === undefined)
      throw new Failure("corrupt", `${storage.where(spec)} is missing; restore it from a backup`);
    keep(spec, found.key);
  }

  function load({ spec }: Pick<StoredKey, "spec">): Promise<void> | undefined {
    const name = nameOf(spec);
    if (isReady(spec)) return undefined;
    let work = loading.get(name);
    if (work === undefined) {
      work = makeReady(spec).finally(() => loading.delete(name));
      loading.set(name, work);
    }
    return work;
  }

  async function loaded(spec: KeySpec): Promise<KeyObject> {
    for (let loading = load({ spec }); loading !== undefined; loading = load({ spec })) await loading;
    return (ready.get(nameOf(spec)) as Ready).key;
  }

  /** One that is there already, if it was made for the same. */
  async function adopt(spec: KeySpec) {
    const found = await unsealed(spec, undefined);
    if (found === undefined) return undefined;
    const { key, spec: made } = found;
    if (nameOf(made) !== nameOf(spec) || !sameSpec(made, spec))
      throw new Failure("conflict", `there is a key ${spec.handle} in the key store that was made for something else`);
    keep(spec, key);
    return { spec: made, spki: spkiOf(key) };
  }

  return {
    load,

    async create(spec) {
      for (;;) {
        const existing = await adopt(spec);
        if (existing !== undefined) return existing;
        const { generate, generateLane, pkcs8 } = keyAlgorithms[spec.algorithm];
        const { publicKey, privateKey } = await (generateLane === undefined
          ? generate()
          : lanes.run(generateLane, spec.tenant, generate));
        const sealed = await sealKey(pkcs8(privateKey), spec, wrapping);
        if (!(await storage.write(spec, utf8(`${JSON.stringify(sealed)}\n`)))) continue;
        keep(spec, privateKey);
        return { spec, spki: spkiOf(publicKey) };
      }
    },

    open({ spec }) {
      const { signTakes } = keyAlgorithms[spec.algorithm];
      if (!ready.has(nameOf(spec))) throw new Failure("unavailable", `key ${spec.handle} is not loaded; try again`);
      if (signTakes !== undefined) lanes.assertRoom(signTakes, spec.tenant);
    },

    async sign({ spec }, data) {
      const { sign, signTakes } = keyAlgorithms[spec.algorithm];
      const key = await loaded(spec);
      return signTakes === undefined
        ? sign(key, data)
        : lanes.run(signTakes.lane, spec.tenant, async () => sign(key, data));
    },

    decrypt: async ({ spec }, ciphertext, keyBytes) => transport.contentKey(await loaded(spec), ciphertext, keyBytes),
  };
}
