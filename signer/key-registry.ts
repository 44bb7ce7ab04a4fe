/** Every key of the signer by name and by public key. Private keys are in the store, not here. */
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { type KeyBackend, keyBackends } from "#shared/kernel/key-backend";
import { cidrBytes, cidrText } from "#shared/pki/ip";
import { describeSpki, keyIdentifier } from "#shared/pki/key";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import { checkpointHandle, type KeyLimits, keyPurposes, type KeySpec, type PublicKey } from "#shared/ports/signer";
import type { KeyLookup, KeyState } from "./guard/key-state.ts";
import { defaultMaxLeafMs } from "./guard/moments.ts";
import { FingerprintMap, FingerprintTable } from "#shared/crypto/fingerprints";
import { keyAlgorithms } from "./keys/algorithms.ts";
import { backendOf } from "./keys/key-store.ts";
import { maxPerSecond } from "./rate-limit.ts";
import type { Remembered } from "./remembered.ts";

/** What is remembered of all keys. */
export type KeptKeys = Pick<Remembered, "keys" | "caNames">;

export interface KeyRegistry extends KeyLookup {
  dump(): KeptKeys;
  add(spec: KeySpec, spki: Uint8Array): KeyState;
  ofTenant(tenant: string): readonly KeyState[];
}

/** @param kept by an earlier process */
export function createKeyRegistry(kept?: KeptKeys): KeyRegistry {
  const byName = new Map<string, KeyState>();
  const byKeyBits = new Map<string, KeyState>();
  const caNames = new Map<string, KeyState>();
  const register = (state: KeyState): KeyState => {
    byName.set(`${state.spec.tenant}/${state.spec.handle}`, state);
    byKeyBits.set(hex(state.keyBits), state);
    return state;
  };
  for (const key of kept?.keys ?? []) register({ ...key, issued: new FingerprintMap(FingerprintTable.of(key.issued)) });
  for (const [name, tenant, handle] of kept?.caNames ?? []) {
    const state = byName.get(`${tenant}/${handle}`);
    if (state !== undefined) caNames.set(name, state);
  }
  return {
    caNames,
    dump: () => ({
      keys: [...byName.values()].map((state) => ({ ...state, issued: state.issued.dump() })),
      caNames: [...caNames].map(([name, { spec }]) => [name, spec.tenant, spec.handle] as const),
    }),
    byKeyBits: (keyBits) => byKeyBits.get(hex(keyBits)),
    byHandle: (tenant, handle) => byName.get(`${tenant}/${handle}`),
    ofTenant: (tenant) => [...byName.values()].filter(({ spec }) => spec.tenant === tenant),
    add: (spec, spki) => register(keyStateOf(spec, spki)),
  };
}

/** Of a key of which nothing is known but that it was made. */
export const keyStateOf = (spec: KeySpec, spki: Uint8Array): KeyState => ({
  spec,
  spki,
  keyBits: describeSpki(spki).keyBits,
  keyId: keyIdentifier(spki),
  issuerId: issuerIdOf(spki),
  ca: undefined,
  ra: undefined,
  issued: new FingerprintMap(),
  crls: new Map(),
  checkpoint: undefined,
  crlFloor: 0n,
});

export const publicKeyOf = ({ spec, spki }: KeyState): PublicKey => ({
  spki,
  algorithm: spec.algorithm,
  signatureAlgorithm: keyAlgorithms[spec.algorithm].signatureAlgorithm,
  limits: spec.limits,
  backend: backendOf(spec),
});

/**
 * Which backend a key that is asked for is to have: the one that was named, the one that it has, or the default. Sealed
 * keys do not say so, as in the time when there was nothing else.
 */
export function placed(asked: KeySpec, existing: KeySpec | undefined, caKeys: KeyBackend): KeySpec {
  const { backend: named, ...rest } = asked;
  const backend =
    named ?? (existing !== undefined ? backendOf(existing) : certifies(asked.purpose) ? caKeys : "sealed");
  return backend === "sealed" ? rest : { ...rest, backend };
}

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const isHandle = (value: unknown): boolean => typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isDomain = (value: unknown): boolean =>
  typeof value === "string" && value.length <= 253 && /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(value);
const isRange = (value: unknown): boolean => {
  const bytes = typeof value === "string" ? cidrBytes(value) : undefined;
  return bytes !== undefined && cidrText(bytes) === value;
};

const maxDomains = 100;

/** A limit narrows what any key may do, and never widens it. */
const limitRules: Readonly<Record<keyof KeyLimits, (value: unknown) => boolean>> = {
  maxLeafSeconds: (value) => isCount(value) && (value as number) * 1000 <= defaultMaxLeafMs,
  ratePerSecond: (value) => isCount(value) && (value as number) <= maxPerSecond,
  permittedDns: (value) => Array.isArray(value) && value.length <= maxDomains && value.every(isDomain),
  permittedIps: (value) => Array.isArray(value) && value.length <= maxDomains && value.every(isRange),
  issuerHandle: isHandle,
  revocationBaseUrl: (value) =>
    typeof value === "string" && /^http:\/\/[!-~]{1,200}$/.test(value) && !/[?#@]|\/$/.test(value),
};

/** It signs and decrypts, which of our algorithms these alone do; clients of SCEP know no others. */
const raAlgorithms: readonly string[] = ["RSA-2048", "RSA-3072"];

const certifies = (purpose: KeySpec["purpose"]): boolean => purpose === "root-ca" || purpose === "issuing-ca";

const specFields: ReadonlySet<string> = new Set(["tenant", "handle", "algorithm", "purpose", "limits", "backend"]);

/** An object may fail to become a text. */
const shown = (value: unknown): string => (typeof value === "string" ? value.slice(0, 60) : `of type ${typeof value}`);

/** Tenant and handle become file names: allow-list before anything else. @throws Failure `guard_refused` */
export function assertKeySpec(spec: KeySpec, keys: KeyLookup): void {
  const refuse = (reason: string): never => {
    throw new Failure("guard_refused", `the signer makes no such key: ${reason}`);
  };
  if (!isRecord(spec)) return refuse("there is no spec");
  for (const name of Object.keys(spec)) if (!specFields.has(name)) refuse(`there is no field ${name}`);
  if (typeof spec.tenant !== "string" || !isTenantId(spec.tenant)) refuse("the tenant id is malformed");
  if (!isHandle(spec.handle)) refuse("a handle is 1 to 63 of a-z, 0-9 and -");
  if (!signerKeyAlgorithms.includes(spec.algorithm)) refuse(`algorithm ${shown(spec.algorithm)} is not served`);
  if (!keyPurposes.includes(spec.purpose)) refuse(`purpose ${shown(spec.purpose)} is not served`);
  if (!isRecord(spec.limits)) refuse("limits are missing");
  const { backend } = spec;
  if (backend !== undefined && !keyBackends.includes(backend)) refuse(`backend ${shown(backend)} is not served`);
  // What answers every minute stays where a signature costs nothing and needs nobody.
  if (backend !== undefined && backend !== "sealed" && !certifies(spec.purpose))
    refuse(`only CA keys lie in ${backend}, an ${spec.purpose} key is sealed`);
  // A limit that is misspelt or of the wrong kind would be no limit.
  for (const [name, value] of Object.entries(spec.limits)) {
    if (!Object.hasOwn(limitRules, name)) refuse(`there is no limit ${name}`);
    else if (value !== undefined && !limitRules[name as keyof KeyLimits](value))
      refuse(`${name} is malformed or wider than any key's`);
  }
  if (spec.limits.permittedIps !== undefined && !spec.limits.permittedDns?.length)
    refuse("permittedIps widen permittedDns, and say nothing without");
  // One voice for each log, of the one kind that a signed note has.
  if ((spec.purpose === "checkpoint") !== (spec.handle === checkpointHandle))
    refuse(`a tenant has one checkpoint key, and its handle is ${checkpointHandle}`);
  if (spec.purpose === "checkpoint" && spec.algorithm !== "Ed25519") refuse("checkpoints are signed with Ed25519");
  if (spec.purpose === "ra" && !raAlgorithms.includes(spec.algorithm))
    refuse(`an ra key is of ${raAlgorithms.join(" or ")}`);
  const { issuerHandle } = spec.limits;
  if ((spec.purpose === "ocsp" || spec.purpose === "ra") !== (issuerHandle !== undefined))
    refuse("an ocsp or ra key, and only those, names the CA key it answers for");
  const issuer = issuerHandle === undefined ? undefined : keys.byHandle(spec.tenant, issuerHandle);
  if (issuerHandle !== undefined && (issuer === undefined || !certifies(issuer.spec.purpose)))
    refuse(`tenant ${spec.tenant} has no CA key ${issuerHandle}`);
  if (spec.purpose === "ra" && issuer?.spec.purpose !== "issuing-ca") refuse("a root enrols nobody");
}
