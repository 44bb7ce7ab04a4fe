/**
 * The only way to a private key (I5, DESIGN §2a, §7). The signer parses what it is to sign and refuses what the key's
 * tenant, purpose and limits do not allow. Bytes to be signed go in, never a digest.
 *
 * Every method throws Failure `unavailable` while the signer is down (retry; keys survive) and `guard_refused` with the
 * reason when it will not do this.
 */
import { type Failure, isFailure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import type { SignatureAlgorithm } from "#shared/pki/signature-algorithm";

export const keyPurposes = ["root-ca", "issuing-ca", "ocsp", "ra", "checkpoint"] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

/** Of the one checkpoint key of a tenant. */
export const checkpointHandle = "checkpoint";

/** Fixed when the key is made; the guard holds the key to them for ever. */
export interface KeyLimits {
  /** Longest validity of a leaf, seconds; an OCSP responder certificate has a limit of its own. */
  readonly maxLeafSeconds?: number;
  /** Signatures a second that this key gives; above it `overloaded` with `retryAfter`. */
  readonly ratePerSecond?: number;
  /** When set, every DNS name in a certificate must be one of these or below one of these. */
  readonly permittedDns?: readonly string[];
  /** Beside `permittedDns`: addresses within one of these ranges (CIDR, canonical) may stand in a certificate too. */
  readonly permittedIps?: readonly string[];
  /** OCSP and RA keys: the handle of the CA key on whose behalf they answer. */
  readonly issuerHandle?: string;
  /**
   * CA keys: every URL in what they sign is below this one, which has no slash at the end; without it they sign no URL,
   * and so no CRL. The first one counts: asking for the key again with another one gives back the key as it is.
   */
  readonly revocationBaseUrl?: string;
}

export interface KeySpec {
  readonly tenant: string;
  /** Stable name of the key within its tenant, `[a-z0-9-]{1,63}`. */
  readonly handle: string;
  readonly algorithm: SignerKeyAlgorithm;
  readonly purpose: KeyPurpose;
  readonly limits: KeyLimits;
  /**
   * CA keys: what holds it. Absent in a request: what the signer takes by default, or what the key has already. Absent in
   * what the signer remembers, and for all other keys: `sealed`.
   */
  readonly backend?: KeyBackend;
}

export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly algorithm: SignerKeyAlgorithm;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Those that the key was made with. */
  readonly limits: KeyLimits;
  /** What holds the private key. */
  readonly backend: KeyBackend;
}

/** Words of the signer's refusals by which a caller knows what would mend them. */
export const refusalWords = {
  /** Of a CRL: a higher number. */
  numberTaken: "does not follow",
  /** Of any operation: another opId. */
  signedBefore: "was already signed for another request",
  /** Of a CRL: an entry that an earlier one had, and this one lacks. */
  entryMissing: "vanished",
  /** Of a delta: another base. */
  unknownBase: "there is no complete CRL",
} as const;

export const isRefusal = (error: unknown, ...which: readonly (keyof typeof refusalWords)[]): error is Failure =>
  isFailure(error, "guard_refused") && which.some((name) => error.message.includes(refusalWords[name]));

export const signedTypes = ["certificate", "crl", "ocsp", "cms", "cmp", "checkpoint"] as const;
export type SignedType = (typeof signedTypes)[number];

export interface SignRequest {
  /** One operation, one signature: the same opId with the same requestHash returns the journalled pair. */
  readonly opId: string;
  readonly tenant: string;
  readonly handle: string;
  readonly type: SignedType;
  /** Which profile version the certificate was built under, for the journal; `-` where none applies. */
  readonly profile: string;
  /** Lower-case hex SHA-256 of the request that led here. The same opId with another hash is refused. */
  readonly requestHash: string;
  /**
   * DER: TBSCertificate, TBSCertList, ResponseData, `cms` the SET OF signed attributes of a SCEP CertRep (RFC 8894 3.2,
   * RFC 5652 5.4), `cmp` the ProtectedPart of a CMP response (RFC 9810 5.1.3). UTF-8: the text of a checkpoint.
   */
  readonly tbs: Uint8Array;
  /** Checkpoints: RFC 6962 consistency proof from the last signed one; none for the first. */
  readonly proof?: readonly Uint8Array[];
}

export interface Signed {
  /** The bytes that were signed: the caller's own, or on a repeated opId the first caller's. Use these. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

export interface DecryptRequest {
  readonly tenant: string;
  /** Of an RA key. */
  readonly handle: string;
  /** An encrypted content-encryption key, RSAES-PKCS1-v1_5 (RFC 8017 7.2.2; RFC 3370 4.2.1); as long as the modulus. */
  readonly ciphertext: Uint8Array;
  /** How long the content-encryption key is, octets. */
  readonly keyBytes: number;
}

export const contentKeyBytes: readonly number[] = [16, 24, 32];

/** One journal record, as the reconciler sees it. `ocsp`, `cms`, `cmp` and decryptions appear as batch totals only. */
export interface JournalRecord {
  readonly n: number;
  readonly time: number;
  /** `restore`: everything was restored from a backup; what was signed after that is not here. */
  readonly op: "generate" | "sign" | "refuse" | "batch" | "restore";
  readonly tenant: string;
  readonly handle: string;
  readonly opId: string;
  readonly type: SignedType | "decrypt" | "key";
  /** `sign`: TBS and signature, base64. */
  readonly tbs?: string;
  readonly signature?: string;
  /** `refuse`: why; with a count, so many that were over the key's rate. `batch`: how many signatures or decryptions. */
  readonly reason?: string;
  readonly count?: number;
  /** Lower-case hex; the chain over all records of all tenants. */
  readonly hash: string;
}

export interface Signer {
  /**
   * Makes a key, or returns the one already made under this handle with the same spec; another spec is `conflict`
   * (`revocationBaseUrl` apart: use the limits that come back).
   */
  generateKey(spec: KeySpec): Promise<PublicKey>;
  sign(request: SignRequest): Promise<Signed>;
  /**
   * Implicit rejection (RFC 3218 2.3.2): always gives `keyBytes` octets. Bad padding or another length gives octets that
   * nobody can foretell, the same for the same ciphertext, so that only the content's own check tells.
   */
  decrypt(request: DecryptRequest): Promise<Uint8Array>;
  /** Records of one tenant with `n` greater than `after`, ascending; at most `limit`, fewer when they are large, none at the end. */
  journal(tenant: string, after: number, limit: number): Promise<readonly JournalRecord[]>;
  /** Resolves when the signer answers. */
  health(): Promise<void>;
}
