/** What a reader that is less strict would read otherwise: DER that is none, names with tricks in them (I5). */
import { afterAll, beforeAll, describe } from "vitest";
import { sameBytes } from "#shared/kernel/bytes";
import { readDer } from "#shared/pki/der/reader";
import {
  bitString,
  boolean,
  generalizedTime,
  integer,
  null_,
  oid,
  sequence,
  tlv,
  utf8String,
} from "#shared/pki/der/writer";
import { basicConstraints, extension, subjectKeyIdentifier } from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { oids } from "#shared/pki/oids";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { caExtensions, day, leafExtensions, spec, start } from "#test/signer/workshop";
import { commonNameOf, field, sanOf, withIndefiniteLength, withLongLength, withMember } from "#test/signer/tamper";

let target: Target;
beforeAll(async () => {
  target = await openTarget();
  await target.workshop.service.generateKey(spec({ handle: "rsa", purpose: "issuing-ca", algorithm: "RSA-2048" }));
});
afterAll(() => target.workshop[Symbol.asyncDispose]());

const leaf = (change: Parameters<Target["chain"]["leafTbs"]>[0] = {}): Uint8Array => target.chain.leafTbs(change);
const changed = (at: number, member: () => Uint8Array) => () => withMember(leaf(), at, member());

/** The usual extensions, the one of this OID replaced. */
function replaced(
  dotted: string,
  instead: Uint8Array,
  key = target.chain.leafSpki,
  ca = target.chain.ca,
): Uint8Array[] {
  const wanted = oid(dotted);
  return leafExtensions(ca.spki, key).map((one) =>
    sameBytes(readDer(one).children()[0]?.raw ?? new Uint8Array(), wanted) ? instead : one,
  );
}

const malformed = { handle: "ca", code: "malformed", reason: /./ } as const;

describe("DER", () => {
  const utc = (text: string) => tlv(0x17, [Uint8Array.from(text, (character) => character.charCodeAt(0))]);
  const attacks: Attack[] = [
    { ...malformed, what: "a length with an octet too many", tbs: () => withLongLength(leaf()) },
    { ...malformed, what: "an indefinite length", tbs: () => withIndefiniteLength(leaf()) },
    {
      ...malformed,
      what: "a serial number with a zero too many",
      tbs: changed(field.serialNumber, () => tlv(2, [Uint8Array.from([0, 0x55, 1, 2, 3, 4, 5, 6, 7, 8])])),
    },
    {
      ...malformed,
      what: "a negative serial number",
      tbs: changed(field.serialNumber, () => tlv(2, [Uint8Array.from([0x85, 1, 2, 3, 4, 5, 6, 7, 8])])),
    },
    {
      handle: "ca",
      what: "serial number 0",
      tbs: changed(field.serialNumber, () => integer(0)),
      reason: /less than 64 bits/,
    },
    {
      handle: "ca",
      what: "a serial number of 21 octets",
      tbs: changed(field.serialNumber, () => tlv(2, [new Uint8Array(21).fill(0x55)])),
      reason: /more than 20 octets/,
    },
    {
      ...malformed,
      what: "parameters of an ECDSA signature",
      tbs: changed(field.signature, () => sequence(oid(oids["ecdsa-with-SHA256"]), null_())),
      reason: /ecdsa|parameters/i,
    },
    {
      ...malformed,
      what: "an algorithm that nobody knows",
      tbs: changed(field.signature, () => sequence(oid("1.2.3.4"))),
      reason: /1\.2\.3\.4/,
    },
    {
      ...malformed,
      what: "ECDSA with SHA-1",
      tbs: changed(field.signature, () => sequence(oid("1.2.840.10045.4.1"))),
      reason: /1\.2\.840\.10045\.4\.1/,
    },
    {
      handle: "ca",
      what: "GeneralizedTime before 2050",
      tbs: changed(field.validity, () => sequence(generalizedTime(start), generalizedTime(start + day))),
      reason: /time is not encoded/,
    },
    {
      ...malformed,
      what: "a time without seconds",
      tbs: changed(field.validity, () => sequence(utc("4001010000Z"), utc("4001020000Z"))),
    },
    {
      ...malformed,
      what: "a time in a zone",
      tbs: changed(field.validity, () => sequence(utc("400101000000+0100"), utc("400102000000+0100"))),
    },
    {
      ...malformed,
      what: "a unique identifier",
      tbs: () => {
        const members = readDer(leaf())
          .children()
          .map(({ raw }) => raw);
        members.splice(field.extensions, 0, tlv(0x81, [Uint8Array.of(0, 1)]));
        return sequence(...members);
      },
    },
    {
      ...malformed,
      what: "TRUE that is not 0xFF",
      tbs: () =>
        leaf({
          extensions: replaced(
            oids.basicConstraints,
            extension(oids.basicConstraints, true, sequence(tlv(1, [Uint8Array.of(1)]))),
          ),
        }),
    },
    {
      ...malformed,
      what: "FALSE that is written out",
      tbs: () =>
        leaf({
          extensions: replaced(oids.basicConstraints, extension(oids.basicConstraints, true, sequence(boolean(false)))),
        }),
    },
    {
      ...malformed,
      what: "a path length without cA",
      tbs: () =>
        leaf({
          extensions: replaced(oids.basicConstraints, extension(oids.basicConstraints, true, sequence(integer(0)))),
        }),
    },
  ];
  hold(() => target, attacks);
});

describe("names", () => {
  const san = (tag: number, content: string | Uint8Array) => () =>
    leaf({ extensions: replaced(oids.subjectAltName, sanOf(tag, content)) });
  const open = (tag: number, content: string | Uint8Array) => () =>
    target.chain.openLeafTbs({
      extensions: replaced(oids.subjectAltName, sanOf(tag, content), target.chain.leafSpki, target.chain.open),
    });
  const subject = (tag: number, content: string | Uint8Array) => () =>
    leaf({ subjectNameDer: commonNameOf(tag, content) });
  const dns = 0x82;
  const exact = /subjectAltName is not as this signer would write it/;
  const attacks: Attack[] = [
    { ...malformed, what: "a DNS name that ends at a NUL for some", tbs: san(dns, "evil.test\0.example.test") },
    { ...malformed, what: "a common name that ends at a NUL", tbs: subject(0x0c, "evil.test\0.example.test") },
    { ...malformed, what: "a DNS name in UTF-8", tbs: san(dns, Buffer.from("exämple.example.test")) },
    { ...malformed, what: "a DNS name with a blank", tbs: san(dns, "evil.test .example.test") },
    { ...malformed, what: "a DNS name with a line feed", tbs: san(dns, "evil.test\n.example.test") },
    { ...malformed, what: "an empty DNS name", tbs: san(dns, "") },
    {
      handle: "ca",
      what: "an internationalised name outside",
      tbs: san(dns, "xn--exmple-cua.test"),
      reason: /outside/,
    },
    { handle: "ca", what: "capitals outside", tbs: san(dns, "WWW.EXAMPLE.ORG"), reason: /is outside/ },
    { handle: "ca", what: "capitals within", tbs: san(dns, "WWW.EXAMPLE.TEST"), reason: exact },
    { handle: "ca", what: "a dot at the end", tbs: san(dns, "www.example.test."), reason: /is outside/ },
    {
      handle: "open",
      what: "a dot at the end, where any name goes",
      tbs: open(dns, "www.example.test."),
      reason: exact,
    },
    { handle: "ca", what: "a dot at the start", tbs: san(dns, ".example.test"), reason: exact },
    { handle: "ca", what: "an empty label", tbs: san(dns, "a..example.test"), reason: exact },
    { handle: "ca", what: "a wildcard within a label", tbs: san(dns, "w*.example.test"), reason: exact },
    { handle: "ca", what: "a wildcard that is not left-most", tbs: san(dns, "a.*.example.test"), reason: exact },
    { handle: "ca", what: "two wildcards", tbs: san(dns, "*.*.example.test"), reason: exact },
    { handle: "open", what: "nothing but a wildcard", tbs: open(dns, "*"), reason: exact },
    { handle: "open", what: "an address as a DNS name", tbs: open(dns, "10.0.0.1"), reason: exact },
    { ...malformed, what: "an address of five octets", tbs: san(0x87, Uint8Array.of(10, 0, 0, 0, 1)) },
    { handle: "open", what: "a directory name", tbs: open(0xa4, sequence()), reason: /directoryName are not signed/ },
    {
      handle: "open",
      what: "another kind of name",
      tbs: open(0xa0, oid("1.3.6.1.4.1.311.20.2.3")),
      reason: /otherName are not signed/,
    },
    {
      handle: "open",
      what: "a registered id",
      tbs: open(0x88, Uint8Array.of(42)),
      reason: /registeredID are not signed/,
    },
    { handle: "open", what: "a URI without a scheme", tbs: open(0x86, "//evil.test/"), reason: exact },
    { handle: "open", what: "an address with a host that is none", tbs: open(0x81, "a@10.0.0.1"), reason: exact },
    {
      handle: "ca",
      what: "a common name outside and no subjectAltName at all",
      tbs: () =>
        leaf({
          subjectNameDer: commonNameOf(0x0c, "www.example.org"),
          extensions: leafExtensions(target.chain.ca.spki, target.chain.leafSpki, []),
        }),
      reason: /common name www\.example\.org/,
    },
    {
      handle: "ca",
      what: "a common name in another string type",
      tbs: subject(0x1e, Buffer.from("www.example.test", "utf16le").swap16()),
      reason: /subject is not as/,
    },
    {
      handle: "ca",
      what: "a common name in T.61",
      tbs: subject(0x14, "www.example.test"),
      reason: /subject is not as/,
    },
    {
      handle: "ca",
      what: "an organisation that nobody has checked",
      tbs: () =>
        leaf({
          subjectNameDer: sequence(tlv(0x31, [sequence(oid(oids.O), utf8String("Bank"))])),
        }),
      reason: /common name and nothing else, not O/,
    },
  ];
  hold(() => target, attacks);
});

describe("keys", () => {
  /** The same RSA key under the name that only RSASSA-PSS has (RFC 4055 1.2). */
  const respelled = (): Uint8Array => {
    const [, bits] = readDer(target.spkiOf("rsa")).children();
    return sequence(sequence(oid(oids["id-RSASSA-PSS"])), bits?.raw ?? new Uint8Array());
  };
  const attacks: Attack[] = [
    {
      handle: "open",
      what: "a CA's own key as a leaf's, under another algorithm's name",
      tbs: () => {
        const spki = respelled();
        return target.chain.openLeafTbs({ spki, extensions: leafExtensions(target.chain.open.spki, spki) });
      },
      reason: /belongs to this signer/,
    },
    {
      handle: "root",
      what: "a CA over a key under another algorithm's name",
      tbs: () => {
        const spki = respelled();
        return target.chain.openTbs({
          spki,
          subjectNameDer: commonNameOf(0x0c, "Acme RSA CA"),
          extensions: caExtensions(target.chain.root.spki, spki, 0),
        });
      },
      reason: /named by another algorithm/,
    },
    {
      ...malformed,
      what: "a key that does not fit its algorithm",
      tbs: () =>
        withMember(
          leaf(),
          field.subjectPublicKeyInfo,
          sequence(sequence(oid(oids.Ed25519)), bitString(new Uint8Array(31))),
        ),
    },
    {
      handle: "ca",
      what: "another key than its identifier says",
      tbs: () =>
        leaf({
          extensions: replaced(oids.subjectKeyIdentifier, subjectKeyIdentifier(keyIdentifier(target.chain.open.spki))),
        }),
      reason: /subjectKeyIdentifier is not as/,
    },
    {
      ...malformed,
      what: "basicConstraints twice, once as a CA",
      tbs: () =>
        leaf({
          extensions: [...leafExtensions(target.chain.ca.spki, target.chain.leafSpki), basicConstraints(true, 0)],
        }),
      reason: /twice/,
    },
  ];
  hold(() => target, attacks);
});
