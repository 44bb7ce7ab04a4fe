import { buildTbsCertificate } from "#shared/pki/certificate";
import { boolean, ia5String, implicitConstructed, integer, namedBits, sequence } from "#shared/pki/der/writer";
import * as ext from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { signed } from "#test/vectors/x509";
import { begin, both, ca, days, type Extensions, issuerName, mutantsOf, type Row, subject } from "./mutant.ts";

const usual: Extensions = {
  basic: ext.basicConstraints(true, 0),
  usage: ext.keyUsage(["keyCertSign", "cRLSign"]),
  aki: ext.authorityKeyIdentifier(keyIdentifier(ca.spki)),
  ski: ext.subjectKeyIdentifier(keyIdentifier(subject.spki)),
  access: ext.authorityInfoAccess({ caIssuers: ["http://ca.example.com/1.cer"] }),
  crl: ext.crlDistributionPoints(["http://crl.example.com/1.crl"]),
};
const ownName = nameDer([
  [{ type: "C", value: "DE" }],
  [{ type: "O", value: "Example" }],
  [{ type: "CN", value: "Issuing CA 1" }],
]);

function certificate(extensions: Extensions = {}, subjectNameDer = ownName): Uint8Array {
  const tbs = buildTbsCertificate({
    serial: Uint8Array.from({ length: 16 }, (_, i) => 100 - i),
    signatureAlgorithm: ca.algorithm,
    issuerNameDer: issuerName,
    subjectNameDer,
    notBeforeMs: begin,
    notAfterMs: begin + 1000 * days,
    spki: subject.spki,
    extensions: Object.values({ ...usual, ...extensions }).filter((one) => one !== undefined),
  });
  return signed(ca, tbs);
}

const permitted = implicitConstructed(0, sequence(ia5String("example.com", 0x82)));
const rows: readonly Row[] = [
  ["no basicConstraints", certificate({ basic: undefined }), "basic-constraints", both],
  [
    "basicConstraints not critical",
    certificate({ basic: ext.extension(oids.basicConstraints, false, sequence(boolean(true), integer(0))) }),
    "basic-constraints",
    both,
  ],
  [
    "a path length without cA",
    certificate({ basic: ext.extension(oids.basicConstraints, true, sequence(integer(0))) }),
    "encoding",
    both,
  ],
  ["no keyCertSign", certificate({ usage: ext.keyUsage(["cRLSign"]) }), "key-usage", both],
  ["no cRLSign", certificate({ usage: ext.keyUsage(["keyCertSign"]) }), "crl-sign", ["zlint"]],
  ["no keyUsage", certificate({ usage: undefined }), "key-usage", both],
  [
    "keyUsage not critical",
    certificate({ usage: ext.extension(oids.keyUsage, false, namedBits([5, 6])) }),
    "key-usage",
    both,
  ],
  ["no subjectKeyIdentifier", certificate({ ski: undefined }), "subject-key-identifier", both],
  ["no authorityKeyIdentifier", certificate({ aki: undefined }), "authority-key-identifier", both],
  ["no subject", certificate({}, nameDer([])), "ca-subject", ["zlint"]],
  [
    "name constraints that may be ignored",
    certificate({ more: ext.extension(oids.nameConstraints, false, sequence(permitted)) }),
    "extension-criticality",
    both,
  ],
  [
    "name constraints without any",
    certificate({ more: ext.extension(oids.nameConstraints, true, sequence()) }),
    "encoding",
    both,
  ],
  [
    "policy constraints that may be ignored",
    certificate({ more: ext.extension(oids.policyConstraints, false, sequence(Uint8Array.of(0x80, 1, 0))) }),
    "extension-criticality",
    ["zlint"],
  ],
  [
    "a constrained domain with a leading dot",
    certificate({ more: ext.nameConstraints({ permitted: [{ type: "dns", value: ".example.com" }] }) }),
    "name-constraints-syntax",
    ["pkilint"],
  ],
];

export const issuingCaMutants = mutantsOf(
  { kind: "issuing CA", name: "the sound issuing CA", der: certificate() },
  rows,
);
