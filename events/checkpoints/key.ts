/** The key that speaks for a tenant's log: made by the signer at the first checkpoint, one for the life of the log. */
import { checkpointHandle, type Signer } from "#shared/ports/signer";
import { originOf } from "#shared/tlog/checkpoint";
import { ed25519FromSpki, type VerifierKey } from "#shared/tlog/signed-note";

/** What each signer said: a key never changes. */
const said = new WeakMap<Signer, Map<string, VerifierKey>>();

export function checkpointKeys(signer: Signer): (tenant: string) => Promise<VerifierKey> {
  const known = said.get(signer) ?? new Map<string, VerifierKey>();
  said.set(signer, known);
  return async (tenant) => {
    const before = known.get(tenant);
    if (before !== undefined) return before;
    const { spki } = await signer.generateKey({
      tenant,
      handle: checkpointHandle,
      algorithm: "Ed25519",
      purpose: "checkpoint",
      limits: {},
    });
    const key = { name: originOf(tenant, spki), publicKey: ed25519FromSpki(spki) };
    known.set(tenant, key);
    return key;
  };
}
