import * as ext from "#shared/pki/extensions";
import { buildTbsCertificate } from "#shared/pki/certificate";
import {
  boolean,
  ia5String,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  set,
  tlv,
} from "#shared/pki/der/writer";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { signed } from "#test/vectors/x509";
import { begin, both, ca, days, type Extensions, issuerName, mutantsOf, neither, type Row, subject } from "./mutant.ts";

const dns = (...names: string[]): Uint8Array => ext.subjectAltName(names.map((value) => ({ type: "dns", value })));
/** As they are encoded, without what the encoders would refuse. */
const rawSan = (...names: Uint8Array[]): Uint8Array => ext.extension(oids.subjectAltName, false, sequence(...names));
const rawDns = (text: string): Uint8Array => ia5String(text, 0x82);

const tlsExtensions: Extensions = {
  aki: ext.authorityKeyIdentifier(keyIdentifier(ca.spki)),
  usage: ext.keyUsage(["digitalSignature"]),
  purposes: ext.extKeyUsage(["serverAuth"]),
  san: dns("www.example.com"),
  basic: ext.basicConstraints(false),
  policies: ext.certificatePolicies(["2.23.140.1.2.1"]),
  access: ext.authorityInfoAccess({ ocsp: ["http://ocsp.example.com"], caIssuers: ["http://ca.example.com/1.cer"] }),
  crl: ext.crlDistributionPoints(["http://crl.example.com/1.crl"]),
  ski: ext.subjectKeyIdentifier(keyIdentifier(subject.spki)),
};

interface Leaf {
  readonly serial?: Uint8Array;
  readonly subjectNameDer?: Uint8Array;
  readonly notAfterMs?: number;
  readonly extensions?: Extensions;
}

function leaf(changes: Leaf = {}): Uint8Array {
  const { extensions = {}, ...rest } = changes;
  const tbs = buildTbsCertificate({
    serial: Uint8Array.from({ length: 16 }, (_, i) => 100 - i),
    signatureAlgorithm: ca.algorithm,
    issuerNameDer: issuerName,
    subjectNameDer: nameDer(commonName("www.example.com")),
    notBeforeMs: begin,
    notAfterMs: begin + 90 * days - 1000,
    spki: subject.spki,
    extensions: Object.values({ ...tlsExtensions, ...extensions }).filter((one) => one !== undefined),
    ...rest,
  });
  return signed(ca, tbs);
}

const leaves: readonly Row[] = [
  ["serial zero", leaf({ serial: Uint8Array.of(0) }), "serial-number", both],
  ["serial of 21 octets", leaf({ serial: new Uint8Array(21).fill(1) }), "serial-number", both],
  ["serial of 56 bits", leaf({ serial: new Uint8Array(7).fill(1) }), "serial-entropy", neither],
  ["201 days", leaf({ notAfterMs: begin + 201 * days - 1000 }), "tls-validity", both],
  ["no basicConstraints", leaf({ extensions: { basic: undefined } }), "basic-constraints", neither],
  ["a CA", leaf({ extensions: { basic: ext.basicConstraints(true) } }), "basic-constraints", both],
  [
    "keyUsage not critical",
    leaf({ extensions: { usage: ext.extension(oids.keyUsage, false, namedBits([0])) } }),
    "key-usage",
    both,
  ],
  [
    "keyCertSign",
    leaf({ extensions: { usage: ext.keyUsage(["digitalSignature", "keyCertSign"]) } }),
    "key-usage",
    both,
  ],
  ["cRLSign", leaf({ extensions: { usage: ext.keyUsage(["digitalSignature", "cRLSign"]) } }), "crl-sign", both],
  [
    "keyEncipherment for EC",
    leaf({ extensions: { usage: ext.keyUsage(["digitalSignature", "keyEncipherment"]) } }),
    "key-usage-for-key",
    both,
  ],
  [
    "no keyUsage bit",
    leaf({ extensions: { usage: ext.extension(oids.keyUsage, true, namedBits([])) } }),
    "encoding",
    both,
  ],
  ["no extKeyUsage", leaf({ extensions: { purposes: undefined } }), "extended-key-usage", both],
  [
    "anyExtendedKeyUsage",
    leaf({ extensions: { purposes: ext.extKeyUsage(["serverAuth", "anyExtendedKeyUsage"]) } }),
    "extended-key-usage",
    both,
  ],
  [
    "codeSigning beside serverAuth",
    leaf({ extensions: { purposes: ext.extKeyUsage(["serverAuth", "codeSigning"]) } }),
    "tls-extended-key-usage",
    both,
  ],
  ["no subjectAltName", leaf({ extensions: { san: undefined } }), "subject-alt-name", both],
  ["an empty subjectAltName", leaf({ extensions: { san: rawSan() } }), "encoding", both],
  [
    "an underscore",
    leaf({ extensions: { san: rawSan(rawDns("www.example.com"), rawDns("a_b.example.com")) } }),
    "san-syntax",
    both,
  ],
  ["a blank name", leaf({ extensions: { san: rawSan(rawDns("www.example.com"), rawDns(" ")) } }), "encoding", both],
  [
    "a wildcard within",
    leaf({ extensions: { san: rawSan(rawDns("www.example.com"), rawDns("a.*.example.com")) } }),
    "san-syntax",
    both,
  ],
  [
    "an internal name",
    leaf({ extensions: { san: rawSan(rawDns("www.example.com"), rawDns("intranet")) } }),
    "tls-dns-names",
    both,
  ],
  [
    "a private address",
    leaf({
      extensions: {
        san: ext.subjectAltName([
          { type: "dns", value: "www.example.com" },
          { type: "ip", value: "10.0.0.1" },
        ]),
      },
    }),
    "tls-ip-addresses",
    both,
  ],
  [
    "a mail address",
    leaf({
      extensions: {
        san: ext.subjectAltName([
          { type: "dns", value: "www.example.com" },
          { type: "email", value: "a@example.com" },
        ]),
      },
    }),
    "tls-san-types",
    both,
  ],
  [
    "another common name",
    leaf({ subjectNameDer: nameDer(commonName("other.example.com")) }),
    "common-name-in-san",
    both,
  ],
  ["an empty subject, SAN not critical", leaf({ subjectNameDer: nameDer([]) }), "san-critical", both],
  [
    "an organisational unit",
    leaf({ subjectNameDer: nameDer([[{ type: "OU", value: "x" }], [{ type: "CN", value: "www.example.com" }]]) }),
    "tls-subject",
    both,
  ],
  [
    "a country in lower case",
    leaf({ subjectNameDer: nameDer([[{ type: "C", value: "de" }], [{ type: "CN", value: "www.example.com" }]]) }),
    "country-code",
    both,
  ],
  [
    "a TeletexString",
    leaf({ subjectNameDer: sequence(set(sequence(oid("2.5.4.3"), tlv(0x14, [Buffer.from("www.example.com")])))) }),
    "name-encoding",
    both,
  ],
  ["no authorityKeyIdentifier", leaf({ extensions: { aki: undefined } }), "authority-key-identifier", both],
  [
    "authorityKeyIdentifier critical",
    leaf({
      extensions: {
        aki: ext.extension(oids.authorityKeyIdentifier, true, sequence(implicit(0, keyIdentifier(ca.spki)))),
      },
    }),
    "extension-criticality",
    both,
  ],
  [
    "subjectKeyIdentifier critical",
    leaf({ extensions: { ski: ext.extension(oids.subjectKeyIdentifier, true, octetString(new Uint8Array(20))) } }),
    "extension-criticality",
    both,
  ],
  [
    "an extension twice",
    leaf({ extensions: { more: ext.crlDistributionPoints(["http://crl.example.com/2.crl"]) } }),
    "encoding",
    both,
  ],
  [
    "an unknown critical extension",
    leaf({ extensions: { more: ext.extension("1.2.3.4", true, integer(1)) } }),
    "known-critical-extensions",
    ["pkilint"],
  ],
  ["no policies", leaf({ extensions: { policies: undefined } }), "tls-certificate-policies", both],
  [
    "a policy twice",
    leaf({ extensions: { policies: ext.certificatePolicies(["2.23.140.1.2.1", "2.23.140.1.2.1"]) } }),
    "certificate-policies",
    both,
  ],
  ["no authorityInfoAccess", leaf({ extensions: { access: undefined } }), "tls-authority-info-access", both],
  [
    "OCSP by https",
    leaf({ extensions: { access: ext.authorityInfoAccess({ ocsp: ["https://ocsp.example.com"] }) } }),
    "authority-info-access",
    both,
  ],
  [
    "a CRL by ldap",
    leaf({ extensions: { crl: ext.crlDistributionPoints(["ldap://crl.example.com/cn=1"]) } }),
    "crl-distribution-points",
    both,
  ],
  [
    "name constraints",
    leaf({ extensions: { more: ext.nameConstraints({ permitted: [{ type: "dns", value: "example.com" }] }) } }),
    "ca-only-extensions",
    both,
  ],
  [
    "critical FALSE encoded",
    leaf({ extensions: { basic: sequence(oid(oids.basicConstraints), boolean(false), octetString(sequence())) } }),
    "encoding",
    both,
  ],
];

export const leafMutants = mutantsOf(
  { kind: "leaf", name: "the sound leaf", profile: "public-tls", der: leaf() },
  leaves,
);
