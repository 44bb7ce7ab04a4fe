/** As whom an issuer answers enrolments (SCEP, CMP): its RA certificate, and what the key behind it does in the signer. */
import type { RaCertificate, RaKey } from "#shared/domain/ra-certificate/ra-certificate";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { isInForce } from "./delegate-freshness.ts";
import { type Deps, systemCall } from "./deps.ts";
import { inTurn } from "./in-turn.ts";
import { issuerWithChain } from "./issuer-chain.ts";
import { existing } from "./load.ts";
import { rotateRaCertificate } from "./rotate-ra-certificate.ts";

export interface RaIdentity {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Issuing CA first, root last; DER. */
  readonly chain: readonly Uint8Array[];
  /**
   * sha256WithRSAEncryption over the SET OF signed attributes of a CertRep (`cms`) or a CMP ProtectedPart (`cmp`).
   * @throws Failure `guard_refused` for any other message, `malformed`
   */
  sign(type: "cms" | "cmp", bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * A content-encryption key (RSAES-PKCS1-v1_5). Wrong padding, or a key of another length, gives `keyBytes` octets that
   * decrypt nothing: go on with them, and let only the content's own check decide, with one answer for whatever fails.
   * @param keyBytes of the content-encryption algorithm: 16, 24 or 32
   * @throws Failure `malformed` for a ciphertext that is not as long as the modulus
   */
  decrypt(ciphertext: Uint8Array, keyBytes: number): Promise<Uint8Array>;
}

/**
 * The current one, made when there is none yet; or the one with this serial number, until it ends.
 * @param serialHex lower-case hex, from the RecipientInfo of what is encrypted to it
 * @throws Failure `not_found` for an unknown issuer and for a serial number that none in force has, `conflict` for a root,
 * `unavailable` when the issuer has ended
 */
export async function raIdentity(
  deps: Deps,
  tenant: string,
  issuerId: string,
  serialHex?: string,
): Promise<RaIdentity> {
  const state = await inForce(deps, tenant, issuerId);
  const now = deps.clock.now();
  const key = [state, ...state.previous].find(
    ({ serial, not_after }) => serial === (serialHex ?? state.serial) && Date.parse(not_after) > now,
  );
  if (key === undefined)
    throw new Failure(
      "not_found",
      `no RA certificate in force has serial number ${serialHex}; ask for the current one`,
    );
  const { issuer, chain } = await issuerWithChain(deps, tenant, issuerId);
  return identityOf(
    deps,
    tenant,
    key,
    [issuer, ...chain].map(({ certificate }) => certificate),
  );
}

async function inForce(deps: Deps, tenant: string, issuerId: string): Promise<RaCertificate> {
  const now = deps.clock.now();
  const { state } = await deps.log.load(tenant, "ra-certificate", issuerId);
  if (state !== undefined && isInForce(state, now)) return state;
  await inTurn(deps.directory, `ra-certificate/${tenant}/${issuerId}`, () =>
    rotateRaCertificate(deps, systemCall(tenant, "ra", `ra-certificate/${issuerId}`), issuerId),
  );
  return (await existing(deps, tenant, "ra-certificate", issuerId)).state;
}

interface RaMaterial {
  readonly der: Uint8Array;
  /** How long what is encrypted to it is, octets. */
  readonly modulusBytes: number;
}

const maxCached = 1_000;
const materials = new Map<string, RaMaterial>();

/** Parsed once: an RA's certificate never changes. */
function raMaterial(certificate: string): RaMaterial {
  const known = materials.get(certificate);
  if (known !== undefined) return known;
  const der = fromBase64(certificate);
  const material = { der, modulusBytes: parseCertificate(der).key.bits / 8 };
  if (materials.size >= maxCached) materials.clear();
  materials.set(certificate, material);
  return material;
}

function identityOf(deps: Deps, tenant: string, key: RaKey, chain: readonly string[]): RaIdentity {
  const { handle, certificate } = key;
  const { der, modulusBytes } = raMaterial(certificate);
  return {
    certificate: der,
    chain: chain.map(fromBase64),
    async sign(type, bytes) {
      const request = { opId: "-", tenant, handle, type, profile: "-", requestHash: "-", tbs: bytes };
      return (await deps.signer.sign(request)).signature;
    },
    async decrypt(ciphertext, keyBytes) {
      if (ciphertext.length !== modulusBytes)
        throw new Failure("malformed", `the encrypted key has ${ciphertext.length} octets, not ${modulusBytes}`);
      return deps.signer.decrypt({ tenant, handle, ciphertext, keyBytes });
    },
  };
}
