/**
 * RSASSA-PSS in AlgorithmIdentifiers (RFC 4055 3.1, RFC 8017 A.2.3): one hash for message and mask, as much salt as the hash
 * has octets, trailer 0xBC. Nothing else is written or read.
 */
import { type PssAlgorithm, rsassaPss } from "#shared/crypto/signature";
import { hex } from "#shared/kernel/bytes";
import type { DerNode } from "./der/reader.ts";
import { explicit, integer, null_, oid, sequence } from "./der/writer.ts";
import { oids } from "./oids.ts";

const none = new Uint8Array(0);

/** @param end of each hash's AlgorithmIdentifier: NULL or nothing, as many as the encodings that are about (RFC 4055 2.1) */
function parameters(name: PssAlgorithm, end: Uint8Array, mgfEnd: Uint8Array = end): Uint8Array {
  const { hash, saltLength } = rsassaPss[name];
  return sequence(
    explicit(0, sequence(oid(oids[hash]), end)),
    explicit(1, sequence(oid(oids["id-mgf1"]), sequence(oid(oids[hash]), mgfEnd))),
    explicit(2, integer(saltLength)),
  );
}

const names = Object.keys(rsassaPss) as PssAlgorithm[];

/** With NULL in both hashes, which CA/B BR 7.1.3.2.1 asks for to the byte. */
export const pssIdentifiers = Object.fromEntries(
  names.map((name) => [name, sequence(oid(oids["id-RSASSA-PSS"]), parameters(name, null_()))]),
) as Record<PssAlgorithm, Uint8Array>;

const ends = [null_(), none];
const byParameters = new Map(
  names.flatMap((name) =>
    ends.flatMap((end) => ends.map((mgfEnd) => [hex(parameters(name, end, mgfEnd)), name] as const)),
  ),
);

/** @param node RSASSA-PSS-params. @throws Failure `malformed` for other hashes, salts or trailers */
export const pssNamed = (node: DerNode): PssAlgorithm =>
  byParameters.get(hex(node.raw)) ??
  node.fail("RSASSA-PSS with these parameters is not supported: SHA-256, -384 or -512 for both hashes, as much salt");
