/**
 * Keys in AWS KMS. They are provisioned by the operator's stacks and never made, changed or deleted here: a handle gets a
 * free one of its algorithm from the pool. What KMS signed leaves only when the public key of the journal verifies it.
 */
import { DescribeKeyCommand, GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeySpec } from "#shared/ports/signer";
import type { KeyClaims } from "./key-claims.ts";
import { type KeyStore, sameSpec, type StoredKey } from "./key-store.ts";
import { type KmsAlgorithm, kmsAlgorithms, maxRawBytes } from "./kms-algorithms.ts";
import { assertUsable, kmsFailure } from "./kms-failure.ts";
import { withholdUnlessVerified } from "./withhold.ts";

/** A provisioned key. An RSA key serves `RSA-…` or `RSA-PSS-…`, whichever the pool says, and never both. */
export interface PoolKey {
  /** Key id or ARN; of another account the ARN. */
  readonly keyId: string;
  readonly algorithm: SignerKeyAlgorithm;
}

export interface KmsDeps {
  /** With its own bounded retries and timeouts (`kms-client.ts`). */
  readonly client: Pick<KMSClient, "send">;
  readonly pool: readonly PoolKey[];
  readonly claims: KeyClaims;
}

export interface KmsKeyStore extends KeyStore {
  /** What is wrong with the keys of the pool: `misconfigured` what no waiting mends. */
  problems(): Promise<readonly Failure[]>;
}

/** Of one tenant, at KMS at the same time: a tenant that is throttled does not take the others' places. */
const mostInFlight = 64;

interface Ready extends PoolKey, KmsAlgorithm {}

export function openKmsKeys({ client, pool, claims }: KmsDeps): KmsKeyStore {
  const ready = new Map<string, Ready>();
  const loading = new Map<string, Promise<void>>();
  const publicKeys = new Map<string, Promise<Uint8Array>>();
  const inFlight = new Map<string, number>();
  const nameOf = ({ tenant, handle }: KeySpec): string => `${tenant}/${handle}`;

  function algorithmOf(algorithm: SignerKeyAlgorithm): KmsAlgorithm {
    const row = kmsAlgorithms[algorithm];
    if (row === undefined)
      throw new Failure(
        "guard_refused",
        `the signer makes no such key: KMS has no ${algorithm} keys; use the sealed store`,
      );
    return row;
  }

  async function assertKey({ keyId, algorithm }: PoolKey): Promise<void> {
    const { KeyMetadata = { KeyId: keyId } } = await client
      .send(new DescribeKeyCommand({ KeyId: keyId }))
      .catch((error: unknown) => Promise.reject(kmsFailure(error, keyId, "kms:DescribeKey")));
    assertUsable(KeyMetadata, keyId, algorithmOf(algorithm));
  }

  async function askPublicKey(keyId: string): Promise<Uint8Array> {
    const { PublicKey } = await client
      .send(new GetPublicKeyCommand({ KeyId: keyId }))
      .catch((error: unknown) => Promise.reject(kmsFailure(error, keyId, "kms:GetPublicKey")));
    return PublicKey ?? new Uint8Array();
  }

  /** It never changes; only an answer is kept. */
  function publicKey(keyId: string): Promise<Uint8Array> {
    const asked = publicKeys.get(keyId) ?? askPublicKey(keyId);
    publicKeys.set(keyId, asked);
    asked.catch(() => publicKeys.delete(keyId));
    return asked;
  }

  /** In one order in every process, so that none claims a key in vain. */
  const poolOf = (algorithm: SignerKeyAlgorithm): readonly PoolKey[] =>
    pool.filter((key) => key.algorithm === algorithm).toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1));

  /** The key of the pool that has this public key. @throws Failure `misconfigured` when there is none */
  async function inPool({ spec, spki }: StoredKey): Promise<PoolKey> {
    const candidates = poolOf(spec.algorithm);
    const found = await Promise.allSettled(candidates.map(({ keyId }) => publicKey(keyId)));
    const at = found.findIndex((key) => key.status === "fulfilled" && base64(key.value) === base64(spki));
    const key = candidates[at];
    if (key !== undefined) return key;
    const failed = found.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    throw new Failure(
      "misconfigured",
      `key ${spec.handle} of tenant ${spec.tenant} lies in KMS, and no ${spec.algorithm} key of TRSTCTL_KMS_KEYS is it; name the key that it was made with again`,
    );
  }

  async function claimed(spec: KeySpec): Promise<StoredKey | undefined> {
    const found = await claims.of(spec);
    if (found !== undefined && !sameSpec(found.spec, spec))
      throw new Failure("conflict", `handle ${spec.handle} has a KMS key that was claimed for something else`);
    return found;
  }

  async function makeReady(key: StoredKey): Promise<void> {
    const found = await inPool(key);
    await assertKey(found);
    ready.set(nameOf(key.spec), { ...found, ...algorithmOf(found.algorithm) });
  }

  function load(key: StoredKey): Promise<void> | undefined {
    const name = nameOf(key.spec);
    if (ready.has(name)) return undefined;
    const work = loading.get(name) ?? makeReady(key).finally(() => loading.delete(name));
    loading.set(name, work);
    return work;
  }

  async function loaded(key: StoredKey): Promise<Ready> {
    for (;;) {
      const found = ready.get(nameOf(key.spec));
      if (found !== undefined) return found;
      await load(key);
    }
  }

  async function askSignature({ spec, spki }: StoredKey, { keyId, ...algorithm }: Ready, data: Uint8Array) {
    const { Signature = new Uint8Array() } = await client
      .send(
        new SignCommand({
          KeyId: keyId,
          SigningAlgorithm: algorithm.signingAlgorithm,
          ...algorithm.message(data, spki),
        }),
      )
      .catch(async (error: unknown) => {
        // Whatever it was: the next one looks at the key again.
        ready.delete(nameOf(spec));
        if (error instanceof Error && error.name === "KMSInvalidStateException")
          await assertKey({ keyId, algorithm: spec.algorithm });
        throw kmsFailure(error, keyId, "kms:Sign");
      });
    return Signature;
  }

  async function signed(key: StoredKey, data: Uint8Array): Promise<Uint8Array> {
    const found = await loaded(key);
    const signature = await askSignature(key, found, data);
    return withholdUnlessVerified(key, data, signature, `KMS key ${found.keyId}`).catch((error: unknown) => {
      ready.delete(nameOf(key.spec));
      throw error;
    });
  }

  return {
    load,

    async create(spec, taken) {
      algorithmOf(spec.algorithm);
      if (spec.algorithm === "Ed25519" && spec.purpose === "issuing-ca")
        throw new Failure(
          "guard_refused",
          `the signer makes no such key: KMS signs at most ${maxRawBytes} octets with an Ed25519 key, which a CRL of some hundred entries exceeds; use P-256, P-384, RSA or ML-DSA, or the sealed store`,
        );
      const candidates = poolOf(spec.algorithm);
      const broken: Failure[] = [];
      for (const candidate of candidates) {
        const existing = await claimed(spec);
        if (existing !== undefined) return existing;
        try {
          await assertKey(candidate);
          const key: StoredKey = { spec, spki: await publicKey(candidate.keyId) };
          if (!(await taken(key.spki)) && (await claims.claim(key))) return key;
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          broken.push(error);
        }
      }
      const existing = await claimed(spec); // by another process, meanwhile
      if (existing !== undefined) return existing;
      if (broken[0] !== undefined) throw broken[0];
      throw new Failure(
        "conflict",
        `all ${candidates.length} KMS keys of algorithm ${spec.algorithm} have an owner; the operator adds one to TRSTCTL_KMS_KEYS`,
      );
    },

    open({ spec }) {
      if (!ready.has(nameOf(spec)))
        throw new Failure("unavailable", `key ${spec.handle} is not loaded; try again`, { retryAfter: 1 });
      if ((inFlight.get(spec.tenant) ?? 0) >= mostInFlight)
        throw new Failure("overloaded", `${mostInFlight} signatures wait for KMS already; try again`, {
          retryAfter: 1,
        });
    },

    async sign(key, data) {
      const { tenant } = key.spec;
      inFlight.set(tenant, (inFlight.get(tenant) ?? 0) + 1);
      try {
        return await signed(key, data);
      } finally {
        const rest = (inFlight.get(tenant) ?? 1) - 1;
        if (rest === 0) inFlight.delete(tenant);
        else inFlight.set(tenant, rest);
      }
    },

    async decrypt() {
      throw new Failure("guard_refused", "the signer refuses: a key in KMS signs and does not decrypt");
    },

    async problems() {
      const judged = await Promise.allSettled(pool.map(assertKey));
      return judged.flatMap((one) => {
        if (one.status === "fulfilled") return [];
        if (one.reason instanceof Failure) return [one.reason];
        throw one.reason;
      });
    },
  };
}
