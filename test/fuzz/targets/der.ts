/** The reader of DER: what it accepts, it writes again to the same bytes. */
import {
  type DerNode,
  readBitString,
  readBoolean,
  readDer,
  readEnumerated,
  readInteger,
  readMagnitude,
  readNamedBits,
  readNull,
  readOctetString,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from "#shared/pki/der/reader";
import {
  bitString,
  boolean,
  enumerated,
  generalizedTime,
  integer,
  namedBits,
  oid,
  tlv,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import { Failure } from "#shared/kernel/failure";
import { csrSeeds, tbsSeeds } from "../seeds/x509.ts";
import { holds, same, type Target } from "../target.ts";

type Reading = (node: DerNode) => void;

const number: Reading = (node) => {
  const value = readInteger(node, "x");
  holds(BigInt(readSmallInteger(node, "x", Number.MAX_SAFE_INTEGER)) === value, "the number is another one");
};

/** Typed readings by tag: each gives a value or refuses, and the value is written again where we write it. */
const readings: Readonly<Record<number, readonly Reading[]>> = {
  1: [(node) => same(boolean(readBoolean(node, "x")), node.raw, "BOOLEAN")],
  2: [(node) => same(integer(readMagnitude(node, "x")), node.raw, "INTEGER"), number],
  3: [
    (node) => same(bitString(readBitString(node, "x")), node.raw, "BIT STRING"),
    (node) => same(namedBits(readNamedBits(node, "x")), node.raw, "named bits"),
  ],
  4: [(node) => void readOctetString(node, "x")],
  5: [(node) => readNull(node, "x")],
  6: [(node) => same(oid(readOid(node)), node.raw, "OBJECT IDENTIFIER")],
  10: [(node) => same(enumerated(readEnumerated(node, "x", 10)), node.raw, "ENUMERATED")],
  0x17: [(node) => same(utcOrGeneralizedTime(readTime(node, "x")), node.raw, "UTCTime")],
  0x18: [(node) => same(generalizedTime(readTime(node, "x")), node.raw, "GeneralizedTime")],
};

/** Under an IMPLICIT tag anything may be meant. */
const implicitReadings: readonly Reading[] = [
  (node) => void readInteger(node, "x", node.tag),
  (node) => void readBoolean(node, "x", node.tag),
  (node) => same(namedBits(readNamedBits(node, "x", node.tag), node.tag), node.raw, "named bits"),
  (node) => void readText(node, "x", 0x16),
  (node) => void readText(node, "x", 0x1e),
];

const anything: readonly Reading[] = [(node) => void readText(node, "x")];

function rewrite(node: DerNode): Uint8Array {
  if (node.constructed) return tlv(node.tag, node.children().map(rewrite));
  for (const read of readings[node.tag] ?? (node.tag >= 0x80 ? implicitReadings : anything))
    try {
      read(node);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  return tlv(node.tag, [node.content]);
}

export const der: Target = {
  run: (input) => same(rewrite(readDer(input)), input, "written again"),
  refusals: ["malformed"],
  format: "der",
  seeds: () => [...csrSeeds(), ...Object.values(tbsSeeds())],
};
