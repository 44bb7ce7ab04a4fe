/** Opens what the operator has set up beside the sealed store. What is not used is not even loaded. */
import type * as z from "zod";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { backendConfig } from "./config.ts";
import { assertDefault, type Backends, joinBackends } from "./keys/backends.ts";
import type { KeyClaims } from "./keys/key-claims.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { readPin } from "./keys/pin.ts";

type Config = z.output<typeof backendConfig>;

export interface BackendDeps {
  /** On AWS there is no token, and nothing of it. */
  readonly config: Pick<Config, "TRSTCTL_CA_KEYS" | "TRSTCTL_KMS_KEYS"> & Partial<Config>;
  readonly sealed: KeyStore;
  /** Who has which key of a pool that more than one process takes from. */
  readonly claims: () => KeyClaims;
  /** Says what does not stop the start. */
  readonly warn: (line: string) => void;
}

/** @throws Failure `misconfigured` with every problem of a backend that can never serve as it is set up */
export async function openBackends({ config, sealed, claims, warn }: BackendDeps): Promise<KeyStore> {
  const pkcs11 = await openPkcs11({ config, warn });
  const { TRSTCTL_KMS_KEYS: pool = [] } = config;
  const backends: Backends = {
    sealed,
    ...(pkcs11 !== undefined && { pkcs11 }),
    ...(pool.length > 0 && { kms: await openKms(pool, claims(), warn) }),
  };
  assertDefault(backends, config.TRSTCTL_CA_KEYS);
  return joinBackends(backends);
}

/** A token that is not there may come; a PIN that is refused stops the start, for it is tried once. */
async function openPkcs11({ config, warn }: Pick<BackendDeps, "config" | "warn">): Promise<KeyStore | undefined> {
  const { TRSTCTL_PKCS11_MODULE: module, TRSTCTL_PKCS11_TOKEN: label, TRSTCTL_PKCS11_PIN_FILE: pinFile } = config;
  if (module === undefined || label === undefined || pinFile === undefined) return undefined;
  const { openToken } = await import("./keys/pkcs11-token.ts");
  const { openPkcs11Keys } = await import("./keys/pkcs11.ts");
  const token = openToken({ module, label, pin: readPin(pinFile) });
  await token.mechanisms().catch((error: unknown) => {
    if (!isFailure(error, "unavailable")) throw error;
    warn(error.message);
  });
  return openPkcs11Keys(token);
}

type Pool = NonNullable<BackendDeps["config"]["TRSTCTL_KMS_KEYS"]>;

/** A key that is disabled, or a KMS that does not answer, is no reason to keep all other keys from their work. */
async function openKms(pool: Pool, claims: KeyClaims, warn: BackendDeps["warn"]): Promise<KeyStore> {
  const { openKmsKeys } = await import("./keys/kms.ts");
  const { createKmsClient } = await import("./keys/kms-client.ts");
  const store = openKmsKeys({ client: createKmsClient(), pool, claims });
  const problems = await store.problems();
  const hopeless = problems.filter(({ code }) => code === "misconfigured");
  if (hopeless.length > 0)
    throw new Failure("misconfigured", `TRSTCTL_KMS_KEYS: ${hopeless.map(({ message }) => message).join("; ")}`);
  for (const { message } of problems) warn(message);
  return store;
}
