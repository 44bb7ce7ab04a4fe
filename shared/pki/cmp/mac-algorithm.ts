/** Algorithms of MAC protection (RFC 9810 5.1.3.1, RFC 9481 6.1): an allow-list, with bounds on what a stranger can have us compute. */
import type { MacHash } from "#shared/crypto/password-mac";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readNull, readOctetString, readOid, readSmallInteger } from "../der/reader.ts";
import { integer, null_, octetString, oid, sequence } from "../der/writer.ts";
import { byOid, hashOids } from "../oids.ts";
import { macOids } from "./oids.ts";

interface Derivation {
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Of the HMAC over the message. */
  readonly mac: MacHash;
}

export type MacAlgorithm =
  | (Derivation & { readonly type: "PasswordBasedMac"; readonly owf: "sha256" | "sha384" | "sha512" })
  | (Derivation & { readonly type: "PBMAC1"; readonly prf: MacHash; readonly keyOctets: number });

/** RFC 4211 4.4: at least 100 rounds and 64 bits of salt; above it a stranger would choose how long we work. */
export const macBounds = {
  salt: { least: 8, most: 64 },
  iterations: { PasswordBasedMac: { least: 100, most: 10_000 }, PBMAC1: { least: 1_000, most: 100_000 } },
} as const;

const macNames: ReadonlyMap<string, MacHash> = new Map([
  [macOids["HMAC-SHA1"], "sha1"],
  [macOids.hmacWithSHA1, "sha1"],
  [macOids.hmacWithSHA256, "sha256"],
  [macOids.hmacWithSHA384, "sha384"],
  [macOids.hmacWithSHA512, "sha512"],
]);
const hashNames = byOid<keyof typeof hashOids>(hashOids);

interface Identifier {
  readonly dotted: string;
  readonly parameters: DerNode | undefined;
}

function identifier(node: DerNode, what: string): Identifier {
  const fields = new DerFields(node, what);
  const dotted = readOid(fields.next("algorithm"));
  const parameters = fields.peek === -1 ? undefined : fields.next("parameters");
  fields.end();
  return { dotted, parameters };
}

/** Algorithms whose parameters are absent or NULL. */
function bare(node: DerNode, what: string): string {
  const { dotted, parameters } = identifier(node, what);
  if (parameters !== undefined) readNull(parameters, what);
  return dotted;
}

function hmacOf(node: DerNode, what: string): MacHash {
  const dotted = bare(node, what);
  return macNames.get(dotted) ?? node.fail(`${what} ${dotted} is not accepted; use hmacWithSHA256, 384 or 512`);
}

function bounded(node: DerNode, what: string, least: number, most: number): number {
  const value = readSmallInteger(node, what, 0xffff_ffff);
  return value < least || value > most ? node.fail(`${what} ${value}: ${least} to ${most} are accepted`) : value;
}

function saltOf(node: DerNode): Uint8Array {
  const salt = readOctetString(node, "salt");
  const { least, most } = macBounds.salt;
  return salt.length < least || salt.length > most
    ? node.fail(`salt of ${salt.length} octets: ${least} to ${most} are accepted`)
    : salt;
}

function passwordBased(node: DerNode): MacAlgorithm {
  const fields = new DerFields(node, "PBMParameter");
  const salt = saltOf(fields.next("salt"));
  const owfNode = fields.next("owf");
  const { least, most } = macBounds.iterations.PasswordBasedMac;
  const iterations = bounded(fields.next("iterationCount"), "iterationCount", least, most);
  const mac = hmacOf(fields.next("mac"), "mac");
  fields.end();
  const dotted = bare(owfNode, "owf");
  const owf = hashNames.get(dotted);
  if (owf === undefined || owf === "sha1")
    return owfNode.fail(`one-way function ${owf ?? dotted} is not accepted; use SHA-256, 384 or 512`);
  return { type: "PasswordBasedMac", salt, iterations, owf, mac };
}

function pbmac1(node: DerNode): MacAlgorithm {
  const fields = new DerFields(node, "PBMAC1-params");
  const kdfNode = fields.next("keyDerivationFunc");
  const mac = hmacOf(fields.next("messageAuthScheme"), "messageAuthScheme");
  fields.end();
  const kdf = identifier(kdfNode, "keyDerivationFunc");
  if (kdf.dotted !== macOids.PBKDF2 || kdf.parameters === undefined)
    return kdfNode.fail(`keyDerivationFunc ${kdf.dotted} is not accepted; use PBKDF2`);
  const parameters = new DerFields(kdf.parameters, "PBKDF2-params");
  const salt = saltOf(parameters.next("salt"));
  const { least, most } = macBounds.iterations.PBMAC1;
  const iterations = bounded(parameters.next("iterationCount"), "iterationCount", least, most);
  const length = parameters.optional(0x02);
  const prf = parameters.optional(0x30);
  parameters.end();
  if (length === undefined) return kdfNode.fail("PBKDF2: keyLength must be there (RFC 9579 4)");
  return {
    type: "PBMAC1",
    salt,
    iterations,
    keyOctets: bounded(length, "keyLength", 20, 64),
    prf: prf === undefined ? "sha1" : hmacOf(prf, "prf"),
    mac,
  };
}

/** @returns undefined when it is no MAC at all. @throws Failure `malformed` for one that is not accepted */
export function parseMacAlgorithm(node: DerNode): MacAlgorithm | undefined {
  const { dotted, parameters } = identifier(node, "protectionAlg");
  if (dotted !== macOids.passwordBasedMac && dotted !== macOids.PBMAC1) return undefined;
  if (parameters === undefined) return node.fail("protectionAlg: the MAC has no parameters");
  return dotted === macOids.PBMAC1 ? pbmac1(parameters) : passwordBased(parameters);
}

const hmacOids = {
  sha1: macOids.hmacWithSHA1,
  sha256: macOids.hmacWithSHA256,
  sha384: macOids.hmacWithSHA384,
  sha512: macOids.hmacWithSHA512,
} as const satisfies Record<MacHash, string>;

const hmacDer = (hash: MacHash): Uint8Array => sequence(oid(hmacOids[hash]), null_());

/** AlgorithmIdentifier, DER. */
export function macAlgorithmDer(algorithm: MacAlgorithm): Uint8Array {
  const { salt, iterations, mac } = algorithm;
  if (algorithm.type === "PasswordBasedMac") {
    const owf = sequence(oid(hashOids[algorithm.owf]), null_());
    return sequence(oid(macOids.passwordBasedMac), sequence(octetString(salt), owf, integer(iterations), hmacDer(mac)));
  }
  // The default is left out (X.690 11.5).
  const prf = algorithm.prf === "sha1" ? [] : [hmacDer(algorithm.prf)];
  const kdf = sequence(octetString(salt), integer(iterations), integer(algorithm.keyOctets), ...prf);
  return sequence(oid(macOids.PBMAC1), sequence(sequence(oid(macOids.PBKDF2), kdf), hmacDer(mac)));
}
