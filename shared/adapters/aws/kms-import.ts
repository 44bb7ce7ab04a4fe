/** Import of an operator's own private key into a KMS key that was made for it (BYOK). */
import {
  DescribeKeyCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KeyMetadata,
  KMSClient,
} from "@aws-sdk/client-kms";
import { type ImportableKey, wrapForImport } from "#shared/crypto/key-import";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

/** What KMS calls the keys that can be imported by RSA_AES_KEY_WRAP: RSA and ECC, by its API reference. */
const keySpecs: Readonly<Record<string, string>> = {
  "P-256": "ECC_NIST_P256",
  "P-384": "ECC_NIST_P384",
  "P-521": "ECC_NIST_P521",
  Ed25519: "ECC_NIST_EDWARDS25519",
  "RSA-2048": "RSA_2048",
  "RSA-3072": "RSA_3072",
  "RSA-4096": "RSA_4096",
};

export interface ImportedKey {
  /** ARN. */
  readonly keyId: string;
  readonly algorithm: string;
  readonly multiRegion: boolean;
}

export interface ImportRequest {
  /** Region and credentials as the SDK finds them. */
  readonly client?: Pick<KMSClient, "send">;
  readonly keyId: string;
  readonly key: ImportableKey;
}

/**
 * The material stays for ever bound to the KMS key; it does not expire.
 * @throws Failure `unprocessable` for a KMS key that is not made for this one, `unavailable`, `forbidden`
 */
export async function importPrivateKey({ client = new KMSClient(), keyId, key }: ImportRequest): Promise<ImportedKey> {
  const keySpec = keySpecs[key.kind];
  if (keySpec === undefined)
    throw new Failure(
      "unprocessable",
      `a ${key.kind} key cannot be imported, ${Object.keys(keySpecs).join(", ")} can; let KMS make one`,
    );
  const { KeyMetadata: metadata = { KeyId: keyId } } = await asked("kms:DescribeKey", keyId, () =>
    client.send(new DescribeKeyCommand({ KeyId: keyId })),
  );
  assertMadeFor(metadata, keyId, { kind: key.kind, keySpec });
  const { PublicKey, ImportToken } = await asked("kms:GetParametersForImport", keyId, () =>
    client.send(
      new GetParametersForImportCommand({
        KeyId: keyId,
        WrappingAlgorithm: "RSA_AES_KEY_WRAP_SHA_256",
        WrappingKeySpec: "RSA_4096",
      }),
    ),
  );
  await asked("kms:ImportKeyMaterial", keyId, () =>
    client.send(
      new ImportKeyMaterialCommand({
        KeyId: keyId,
        ImportToken,
        EncryptedKeyMaterial: wrapForImport(key.pkcs8, PublicKey ?? new Uint8Array()),
        ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
      }),
    ),
  );
  const { PublicKey: held = new Uint8Array() } = await asked("kms:GetPublicKey", keyId, () =>
    client.send(new GetPublicKeyCommand({ KeyId: keyId })),
  );
  if (!sameBytes(held, key.spki))
    throw new Failure("corrupt", `KMS key ${keyId} holds another key than the one that was given; do not use it`);
  return { keyId: metadata.Arn ?? keyId, algorithm: key.kind, multiRegion: metadata.MultiRegion === true };
}

function assertMadeFor(
  { Origin, KeySpec, KeyUsage, KeyState }: KeyMetadata,
  keyId: string,
  { kind, keySpec }: { readonly kind: string; readonly keySpec: string },
): void {
  const refuse = (what: string): never => {
    throw new Failure(
      "unprocessable",
      `KMS key ${keyId} ${what}; make one with: aws kms create-key --origin EXTERNAL --key-usage SIGN_VERIFY --key-spec ${keySpec}`,
      { field: "key-id" },
    );
  };
  if (Origin !== "EXTERNAL") refuse(`has the origin ${Origin ?? "-"} and takes no imported material`);
  if (KeyUsage !== "SIGN_VERIFY") refuse(`has the usage ${KeyUsage ?? "-"} instead of SIGN_VERIFY`);
  if (KeySpec !== keySpec) refuse(`has the spec ${KeySpec ?? "-"}, and the private key is ${kind}`);
  if (KeyState !== "PendingImport" && KeyState !== "Enabled") refuse(`is in the state ${KeyState ?? "-"}`);
}

/** In the words of who stands at a terminal. */
async function asked<T>(operation: string, keyId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name === "NotFoundException")
      throw new Failure("not_found", `there is no KMS key ${keyId} in this account and Region`, { cause });
    if (name === "AccessDeniedException")
      throw new Failure("forbidden", `your AWS identity may not ${operation} with ${keyId}`, { cause });
    if (name === "IncorrectKeyMaterialException")
      throw new Failure(
        "unprocessable",
        `KMS key ${keyId} takes the very private key that was imported into it first, and this is another`,
        { cause },
      );
    throw new Failure(
      "unavailable",
      `${operation} with ${keyId} failed (${name}: ${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
}
