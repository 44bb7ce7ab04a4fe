/** Each key in the store that holds it: the sealed one always, others where the operator has set them up. */
import { Failure } from "#shared/kernel/failure";
import type { KeyBackend } from "#shared/kernel/key-backend";
import type { KeySpec } from "#shared/ports/signer";
import { backendOf, type KeyStore } from "./key-store.ts";

export type Backends = Readonly<Partial<Record<KeyBackend, KeyStore>>> & { readonly sealed: KeyStore };

/** What sets one up. */
const settings: Readonly<Record<KeyBackend, string>> = {
  sealed: "TRSTCTL_KEK_FILE",
  kms: "TRSTCTL_KMS_KEYS",
  pkcs11: "TRSTCTL_PKCS11_MODULE",
};

/** @throws Failure `misconfigured` for a default that there is none of */
export function assertDefault(backends: Backends, caKeys: KeyBackend): void {
  if (backends[caKeys] === undefined)
    throw new Failure("misconfigured", `TRSTCTL_CA_KEYS is ${caKeys}, which needs ${settings[caKeys]}; set that too`);
}

export function joinBackends(backends: Backends): KeyStore {
  /** @throws Failure `misconfigured` for a key that lies where this signer does not reach any more */
  function holder(spec: KeySpec): KeyStore {
    const backend = backendOf(spec);
    const store = backends[backend];
    if (store !== undefined) return store;
    throw new Failure(
      "misconfigured",
      `key ${spec.handle} of tenant ${spec.tenant} lies in ${backend}, which this signer was started without; set ${settings[backend]}`,
    );
  }

  return {
    async create(spec, taken) {
      const backend = backendOf(spec);
      const store = backends[backend];
      if (store === undefined)
        throw new Failure(
          "guard_refused",
          `the signer makes no such key: it has no ${backend} backend; it has ${Object.keys(backends).join(", ")}`,
        );
      return store.create(spec, taken);
    },
    load(key) {
      try {
        return holder(key.spec).load(key);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    },
    open: (key) => holder(key.spec).open(key),
    sign: async (key, data) => holder(key.spec).sign(key, data),
    decrypt: async (key, ciphertext, keyBytes) => holder(key.spec).decrypt(key, ciphertext, keyBytes),
  };
}
