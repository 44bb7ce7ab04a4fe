import * as ext from "#shared/pki/extensions";
import {
  enumerated,
  explicit,
  generalizedTime,
  ia5String,
  implicitConstructed,
  integer,
  sequence,
  sequenceOf,
  tlv,
  utcOrGeneralizedTime,
} from "#shared/pki/der/writer";
import { keyIdentifier } from "#shared/pki/key";
import { oids } from "#shared/pki/oids";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import { signed } from "#test/vectors/x509";
import { begin, both, ca, days, type Extensions, issuerName, mutantsOf, type Row } from "./mutant.ts";

interface List {
  readonly entries?: readonly Uint8Array[] | "empty";
  readonly extensions?: Extensions;
  readonly nextUpdateMs?: number;
  readonly version?: Uint8Array;
}

const entry = (serial: number, ...extensions: Uint8Array[]): Uint8Array =>
  sequence(integer(serial), utcOrGeneralizedTime(begin), ...(extensions.length > 0 ? [sequence(...extensions)] : []));

function list({
  entries = [entry(5)],
  extensions = {},
  nextUpdateMs = begin + 7 * days,
  version = integer(1),
}: List = {}) {
  const usual: Extensions = {
    aki: ext.authorityKeyIdentifier(keyIdentifier(ca.spki)),
    number: ext.crlNumber(7),
    point: ext.issuingDistributionPoint({ fullNameUrl: "http://crl.example.com/1.crl" }),
  };
  const chosen = Object.values({ ...usual, ...extensions }).filter((one) => one !== undefined);
  const tbs = tlv(0x30, [
    version,
    algorithmIdentifier(ca.algorithm),
    issuerName,
    utcOrGeneralizedTime(begin),
    utcOrGeneralizedTime(nextUpdateMs),
    entries === "empty" ? sequence() : sequenceOf(entries),
    explicit(0, sequenceOf(chosen)),
  ]);
  return signed(ca, tbs);
}

const revoked = (code: number): Uint8Array => ext.extension(oids.reasonCode, false, enumerated(code));
const crls: readonly Row[] = [
  ["version 1", list({ version: new Uint8Array(0) }), "encoding", both],
  ["an empty list", list({ entries: "empty" }), "encoding", both],
  ["a serial twice", list({ entries: [entry(5), entry(5)] }), "encoding", ["zlint"]],
  ["reason unspecified", list({ entries: [entry(5, revoked(0))] }), "encoding", both],
  ["on hold", list({ entries: [entry(5, revoked(6))] }), "tls-crl-reasons", both],
  ["reason 7", list({ entries: [entry(5, revoked(7))] }), "encoding", both],
  ["no number", list({ extensions: { number: undefined } }), "encoding", both],
  ["no authorityKeyIdentifier", list({ extensions: { aki: undefined } }), "crl-authority-key-identifier", both],
  [
    "a number that is critical",
    list({ extensions: { number: ext.extension(oids.cRLNumber, true, integer(7)) } }),
    "encoding",
    both,
  ],
  [
    "a point that may be ignored",
    list({
      extensions: {
        point: ext.extension(
          oids.issuingDistributionPoint,
          false,
          sequence(explicit(0, implicitConstructed(0, ia5String("http://crl.example.com/1.crl", 0x86)))),
        ),
      },
    }),
    "crl-extension-criticality",
    ["zlint"],
  ],
  ["eleven days", list({ nextUpdateMs: begin + 11 * days }), "tls-crl-lifetime", both],
  ["over before it began", list({ nextUpdateMs: begin - days }), "crl-time-order", ["pkilint"]],
  ["an extension twice", list({ extensions: { more: ext.crlNumber(8) } }), "encoding", both],
  ["a number of 21 octets", list({ extensions: { number: ext.crlNumber(1n << 160n) } }), "crl-number", both],
  [
    "GeneralizedTime before 2050",
    list({ entries: [sequence(integer(5), generalizedTime(begin))] }),
    "encoding",
    ["pkilint"],
  ],
];

export const crlMutants = mutantsOf({ kind: "CRL", name: "the sound CRL", der: list() }, crls);
