/**
 * PKCS#11 (Cryptoki, OASIS v2.40 and v3.0) as far as it is used here: the names of the standard with their values, and the
 * calls of `pkcs11js`, which passes them through. The addon is built by who needs it (`npm run pkcs11`).
 */
import { createRequire } from "node:module";
import { Failure } from "#shared/kernel/failure";

export type Handle = Buffer;

export interface Attribute {
  readonly type: number;
  readonly value?: boolean | number | string | Buffer;
}

export interface Mechanism {
  readonly mechanism: number;
  readonly parameter?: object;
}

/** Each throws an error with `code`, a CKR value. */
export interface Cryptoki {
  load(path: string): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { readonly label: string; readonly flags: number };
  C_GetMechanismList(slot: Handle): number[];
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_CloseAllSessions(slot: Handle): void;
  C_Login(session: Handle, userType: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void;
  C_FindObjects(session: Handle, most: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(
    session: Handle,
    object: Handle,
    template: readonly Attribute[],
  ): { readonly type: number; readonly value: Buffer }[];
  C_DestroyObject(session: Handle, object: Handle): void;
  C_GenerateKeyPairAsync(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): Promise<{ readonly publicKey: Handle; readonly privateKey: Handle }>;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_SignAsync(session: Handle, data: Buffer, room: Buffer): Promise<Buffer>;
}

export const CKF = { OS_LOCKING_OK: 2, RW_SESSION: 2, SERIAL_SESSION: 4, USER_PIN_LOCKED: 0x40000 } as const;
export const CKU = { USER: 1 } as const;
export const CKO = { PUBLIC_KEY: 2, PRIVATE_KEY: 3 } as const;
export const CKK = { RSA: 0, EC: 3, EC_EDWARDS: 0x40 } as const;

export const CKA = {
  CLASS: 0x000,
  TOKEN: 0x001,
  PRIVATE: 0x002,
  LABEL: 0x003,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  DECRYPT: 0x105,
  SIGN: 0x108,
  VERIFY: 0x10a,
  MODULUS: 0x120,
  MODULUS_BITS: 0x121,
  PUBLIC_EXPONENT: 0x122,
  EXTRACTABLE: 0x162,
  EC_PARAMS: 0x180,
  EC_POINT: 0x181,
} as const;

export const CKM = {
  RSA_PKCS_KEY_PAIR_GEN: 0x0000,
  RSA_PKCS: 0x0001,
  RSA_PKCS_PSS: 0x000d,
  SHA256: 0x0250,
  SHA384: 0x0260,
  SHA512: 0x0270,
  EC_KEY_PAIR_GEN: 0x1040,
  ECDSA: 0x1041,
  EC_EDWARDS_KEY_PAIR_GEN: 0x1055,
  EDDSA: 0x1057,
} as const;

export const CKG = { MGF1_SHA256: 2, MGF1_SHA384: 3, MGF1_SHA512: 4 } as const;

export const CKR = {
  ARGUMENTS_BAD: 0x007,
  DEVICE_ERROR: 0x030,
  DEVICE_MEMORY: 0x031,
  DEVICE_REMOVED: 0x032,
  KEY_HANDLE_INVALID: 0x060,
  OBJECT_HANDLE_INVALID: 0x082,
  PIN_INCORRECT: 0x0a0,
  PIN_INVALID: 0x0a1,
  PIN_LEN_RANGE: 0x0a2,
  PIN_EXPIRED: 0x0a3,
  PIN_LOCKED: 0x0a4,
  SESSION_CLOSED: 0x0b0,
  SESSION_COUNT: 0x0b1,
  SESSION_HANDLE_INVALID: 0x0b3,
  SLOT_ID_INVALID: 0x003,
  TOKEN_NOT_PRESENT: 0x0e0,
  TOKEN_NOT_RECOGNIZED: 0x0e1,
  USER_ALREADY_LOGGED_IN: 0x100,
  USER_NOT_LOGGED_IN: 0x101,
  USER_PIN_NOT_INITIALIZED: 0x102,
  CRYPTOKI_NOT_INITIALIZED: 0x190,
  CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;

/** CK_RSA_PKCS_PSS_PARAMS, in the addon's numbering of parameters. */
export const pssParameter = (hashAlg: number, mgf: number, saltLen: number): object => ({
  type: parameterTypes().CK_PARAMS_RSA_PSS,
  hashAlg,
  mgf,
  saltLen,
});

interface Addon {
  readonly PKCS11: new () => Cryptoki;
  readonly CK_PARAMS_RSA_PSS: number;
}

const place = new URL("../../toolchain/pkcs11/", import.meta.url);

/** @throws Failure `misconfigured` where it was not built */
function addon(): Addon {
  try {
    return createRequire(place)("pkcs11js") as Addon;
  } catch (cause) {
    throw new Failure(
      "misconfigured",
      "PKCS#11 needs a part that is built on the machine that uses it; run `npm run pkcs11` there (a C++ compiler is all it takes)",
      { cause },
    );
  }
}

const parameterTypes = (): Pick<Addon, "CK_PARAMS_RSA_PSS"> => addon();

const loaded = new Map<string, Cryptoki>();

/** A module is loaded and initialised once in a process. @throws Failure `misconfigured` for what is no PKCS#11 module */
export function loadCryptoki(path: string): Cryptoki {
  const before = loaded.get(path);
  if (before !== undefined) return before;
  const { PKCS11 } = addon();
  const module = new PKCS11();
  try {
    module.load(path);
    initialize(module);
  } catch (cause) {
    throw new Failure(
      "misconfigured",
      `PKCS#11 module ${path} cannot be loaded (${cause instanceof Error ? cause.message : String(cause)}); set TRSTCTL_PKCS11_MODULE to the library that the token's vendor gives`,
      { cause },
    );
  }
  loaded.set(path, module);
  return module;
}

/** Calls come from several threads. */
export function initialize(module: Cryptoki): void {
  try {
    module.C_Initialize({ flags: CKF.OS_LOCKING_OK });
  } catch (error) {
    if (codeOf(error) !== CKR.CRYPTOKI_ALREADY_INITIALIZED) throw error;
  }
}

/** A CKR value; undefined for what is no answer of a token. */
export const codeOf = (error: unknown): number | undefined => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "number" && code !== 0 ? code : undefined;
};
