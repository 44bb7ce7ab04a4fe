/**
 * What a deploy asks of a new signer before it gets traffic: that it makes, seals, opens and uses keys as it must, with the
 * wrapping key and the table that it will have. No key of a CA is touched.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { fromBase64, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { KeySpec, Signer } from "#shared/ports/signer";
import { keyAlgorithms } from "#signer/keys/algorithms";
import { sealedKeyStore } from "#signer/keys/sealed";
import type { Wrapping } from "#signer/keys/sealed-key";

const text = utf8("trstctl known answer");

/** Ed25519 is deterministic: RFC 8032 7.1, test 2. */
const known = {
  spki: "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
  message: Uint8Array.of(0x72),
  signature: "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==",
};

const algorithms = ["P-256", "Ed25519", "ML-DSA-65"] as const;

/** @returns what was shown, for the log of the deploy @throws Failure with what was not */
export async function knownAnswer(signer: Pick<Signer, "health">, wrapping: Wrapping): Promise<readonly string[]> {
  const shown: string[] = [];
  const right = (what: string, is: boolean): void => {
    if (!is) throw new Failure("internal", `known-answer check: ${what} is wrong; this version must not get traffic`);
    shown.push(what);
  };
  right("SHA-256", sha256Hex("abc") === "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const { spki, message: data, signature } = known;
  const verified = { algorithm: "Ed25519", spki: fromBase64(spki), data, signature: fromBase64(signature) } as const;
  right("Ed25519 of RFC 8032", await verifySignature(verified));
  for (const algorithm of algorithms) {
    const spec: KeySpec = { tenant: "known-answer", handle: "key", algorithm, purpose: "issuing-ca", limits: {} };
    const stored = new Map<string, Uint8Array>();
    const deps = {
      storage: {
        where: () => "the key of the known-answer check",
        read: async () => stored.get("key")?.slice(),
        write: async (_: KeySpec, bytes: Uint8Array) => stored.size < stored.set("key", bytes).size,
      },
      wrapping,
      rejection: new Uint8Array(32),
    };
    const made = await sealedKeyStore(deps).create(spec, () => false);
    const reopened = sealedKeyStore(deps); // which has to unwrap it
    const said = await reopened.sign(made, text);
    const by = { algorithm: keyAlgorithms[algorithm].signatureAlgorithm, spki: made.spki, signature: said };
    right(`${algorithm} wrapped, opened, signed, verified`, await verifySignature({ ...by, data: text }));
    right(`${algorithm} of another text`, !(await verifySignature({ ...by, data: utf8("trstctl other answer") })));
  }
  await signer.health();
  shown.push("journal table");
  return shown;
}
