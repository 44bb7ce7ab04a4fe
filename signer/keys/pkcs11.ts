/**
 * Keys in a PKCS#11 token, made there and never to leave it. A key is found by its label, `trstctl:<tenant>:<handle>`, and an
 * id that follows from what it was made for; what it signed leaves only when the public key of the journal verifies it.
 */
import { fromHex, utf8 } from "#shared/kernel/bytes";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeySpec } from "#shared/ports/signer";
import { type Attribute, CKA, CKO, type Cryptoki, type Handle } from "./cryptoki.ts";
import { type KeyStore, madeFor, type StoredKey } from "./key-store.ts";
import { createLanes, pkcs11AtOnce } from "./lanes.ts";
import { type Pkcs11Algorithm, pkcs11Algorithms } from "./pkcs11-algorithms.ts";
import type { Token } from "./pkcs11-token.ts";
import { withholdUnlessVerified } from "./withhold.ts";

/** In order of magnitude, over a network. */
const signTakes = { lane: "quick", ms: 20 } as const;

const signatureRoom = 1024;

interface Names {
  readonly label: string;
  readonly id: Buffer;
}

const namesOf = (spec: KeySpec): Names => ({
  label: `trstctl:${spec.tenant}:${spec.handle}`,
  id: Buffer.from(fromHex(sha256Hex(utf8(`trstctl/pkcs11/1\n${madeFor(spec)}`)))),
});

export function openPkcs11Keys(token: Token): KeyStore {
  const lanes = createLanes({ quick: pkcs11AtOnce, slow: 1 });
  /** Object handles are those of one login. */
  const ready = new Map<string, { readonly object: Handle; readonly login: number }>();
  const loading = new Map<string, Promise<void>>();
  /** Keys are made one after the other, which is seldom: SoftHSM fails (CKR_GENERAL_ERROR) when two sessions store at once. */
  let lastMade: Promise<unknown> = Promise.resolve();
  const nameOf = ({ tenant, handle }: KeySpec): string => `${tenant}/${handle}`;
  const tokenName = `token ${JSON.stringify(token.label)}`;

  function algorithmOf(algorithm: SignerKeyAlgorithm): Pkcs11Algorithm {
    const row = pkcs11Algorithms[algorithm];
    if (row === undefined)
      throw new Failure(
        "guard_refused",
        `the signer makes no such key: PKCS#11 is not used for ${algorithm}; use the sealed store`,
      );
    return row;
  }

  function find(cryptoki: Cryptoki, session: Handle, template: readonly Attribute[]): readonly Handle[] {
    cryptoki.C_FindObjectsInit(session, template);
    try {
      return cryptoki.C_FindObjects(session, 10);
    } finally {
      cryptoki.C_FindObjectsFinal(session);
    }
  }

  const privateKeys = (cryptoki: Cryptoki, session: Handle, names: readonly Attribute[]) =>
    find(cryptoki, session, [{ type: CKA.CLASS, value: CKO.PRIVATE_KEY }, { type: CKA.TOKEN, value: true }, ...names]);

  /** @throws Failure `conflict` where the label is another's, `corrupt` where it is no longer clear which key is meant */
  function findOwn(cryptoki: Cryptoki, session: Handle, { label, id }: Names): Handle | undefined {
    const labelled = privateKeys(cryptoki, session, [{ type: CKA.LABEL, value: label }]);
    const own = privateKeys(cryptoki, session, [
      { type: CKA.LABEL, value: label },
      { type: CKA.ID, value: id },
    ]);
    if (own.length > 1)
      throw new Failure("corrupt", `${tokenName} has ${own.length} private keys ${label} of one id; remove the copies`);
    if (own.length === 0 && labelled.length > 0)
      throw new Failure(
        "conflict",
        `${tokenName} has a private key ${label} that was not made for this; choose another handle, or remove it`,
      );
    return own[0];
  }

  function publicKeyOf(cryptoki: Cryptoki, session: Handle, { label, id }: Names, row: Pkcs11Algorithm): Uint8Array {
    const [object] = find(cryptoki, session, [
      { type: CKA.CLASS, value: CKO.PUBLIC_KEY },
      { type: CKA.LABEL, value: label },
      { type: CKA.ID, value: id },
    ]);
    if (object === undefined)
      throw new Failure("corrupt", `${tokenName} has the private key ${label} and no public one; restore it`);
    const template = row.publicAttributes.map((type) => ({ type }));
    const values = cryptoki.C_GetAttributeValue(session, object, template);
    return row.spki(
      row.publicAttributes.map((type) => new Uint8Array(values.find((one) => one.type === type)?.value ?? [])),
    );
  }

  async function generate(cryptoki: Cryptoki, session: Handle, spec: KeySpec, names: Names): Promise<void> {
    const row = algorithmOf(spec.algorithm);
    const common = [
      { type: CKA.TOKEN, value: true },
      { type: CKA.LABEL, value: names.label },
      { type: CKA.ID, value: names.id },
    ];
    const { publicKey, privateKey } = await cryptoki.C_GenerateKeyPairAsync(
      session,
      row.generate,
      [...common, { type: CKA.VERIFY, value: true }, ...row.publicTemplate],
      [
        ...common,
        { type: CKA.PRIVATE, value: true },
        { type: CKA.SENSITIVE, value: true },
        { type: CKA.EXTRACTABLE, value: false },
        { type: CKA.SIGN, value: true },
        { type: CKA.DECRYPT, value: false },
      ],
    );
    // What was asked for is not always what was done.
    const [sensitive, extractable] = cryptoki.C_GetAttributeValue(session, privateKey, [
      { type: CKA.SENSITIVE },
      { type: CKA.EXTRACTABLE },
    ]);
    if (sensitive?.value[0] === 1 && extractable?.value[0] === 0) return;
    for (const object of [privateKey, publicKey]) cryptoki.C_DestroyObject(session, object);
    throw new Failure("misconfigured", `${tokenName} makes keys that can be read out of it; use another one`);
  }

  async function makeReady({ spec }: StoredKey): Promise<void> {
    const names = namesOf(spec);
    await token.use(async (cryptoki, session, login) => {
      const object = findOwn(cryptoki, session, names);
      if (object === undefined)
        throw new Failure(
          "corrupt",
          `${tokenName} has no private key ${names.label}; restore the token, or connect the one that has it`,
        );
      ready.set(nameOf(spec), { object, login });
    });
  }

  function load(key: StoredKey): Promise<void> | undefined {
    const name = nameOf(key.spec);
    if (ready.has(name)) return undefined;
    const work = loading.get(name) ?? makeReady(key).finally(() => loading.delete(name));
    loading.set(name, work);
    return work;
  }

  async function loaded(key: StoredKey): Promise<void> {
    for (let work = load(key); work !== undefined; work = load(key)) await work;
  }

  async function signed(key: StoredKey, data: Uint8Array): Promise<Uint8Array> {
    const row = algorithmOf(key.spec.algorithm);
    const name = nameOf(key.spec);
    await loaded(key);
    try {
      const answer = await token.use(async (cryptoki, session, login) => {
        if (ready.get(name)?.login !== login) {
          const object = findOwn(cryptoki, session, namesOf(key.spec));
          if (object !== undefined) ready.set(name, { object, login });
        }
        const known = ready.get(name);
        if (known?.login !== login)
          throw new Failure("corrupt", `${tokenName} has no key ${name} any more; restore it`);
        cryptoki.C_SignInit(session, row.mechanism(), known.object);
        return cryptoki.C_SignAsync(session, Buffer.from(row.input(data)), Buffer.alloc(signatureRoom));
      });
      return await withholdUnlessVerified(key, data, row.signature(new Uint8Array(answer)), tokenName);
    } catch (error) {
      ready.delete(name); // the next one looks for it again
      throw error;
    }
  }

  /** One that is there already was made just before a crash: its id says that it was made for the same. */
  async function make(spec: KeySpec): Promise<StoredKey> {
    const row = algorithmOf(spec.algorithm);
    const names = namesOf(spec);
    const can = await token.mechanisms();
    if (![row.generate, row.mechanism()].every(({ mechanism }) => can.has(mechanism)))
      throw new Failure("guard_refused", `the signer makes no such key: ${tokenName} has no ${spec.algorithm} keys`);
    return token.use(async (cryptoki, session) => {
      if (findOwn(cryptoki, session, names) === undefined) await generate(cryptoki, session, spec, names);
      return { spec, spki: publicKeyOf(cryptoki, session, names, row) };
    });
  }

  return {
    load,

    async create(spec) {
      const work = lastMade.then(() => make(spec));
      lastMade = work.catch(() => undefined);
      return work;
    },

    open({ spec }) {
      if (!ready.has(nameOf(spec)))
        throw new Failure("unavailable", `key ${spec.handle} is not loaded; try again`, { retryAfter: 1 });
      lanes.assertRoom(signTakes, spec.tenant);
    },

    sign: (key, data) => lanes.run(signTakes.lane, key.spec.tenant, () => signed(key, data)),

    async decrypt() {
      throw new Failure("guard_refused", "the signer refuses: a key in a token signs and does not decrypt");
    },
  };
}
