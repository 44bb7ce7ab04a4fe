/** Names, keys, identifiers, texts. */
import { createPublicKey } from "node:crypto";
import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { fromHex, utf8 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { readDer } from "#shared/pki/der/reader";
import {
  canonicalName,
  constraintDer,
  generalNameDer,
  parseConstraint,
  parseGeneralName,
  subjectNameTypes,
} from "#shared/pki/general-name";
import { cidrBytes, cidrText, ipBytes, ipText } from "#shared/pki/ip";
import { describeSpki, keyIdentifier } from "#shared/pki/key";
import { nameDer, nameText, parseName } from "#shared/pki/name";
import { decodeCsrText, pemDecode, pemEncode } from "#shared/pki/pem";
import {
  algorithmIdentifier,
  parseSignatureAlgorithm,
  parseSignatureAlgorithmName,
} from "#shared/pki/signature-algorithm";
import { spkis } from "../seeds/keys.ts";
import { csrSeeds, nameSeeds } from "../seeds/x509.ts";
import { holds, same, type Target } from "../target.ts";

const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

/** Runs what may refuse with this code. @returns undefined when it did */
function unless<T>(code: "invalid_field" | "malformed", work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isFailure(error, code)) return undefined;
    throw error;
  }
}

export const name: Target = {
  run(input) {
    const parsed = parseName(readDer(input));
    holds(!/[\u0000-\u001f\u007f]/.test(nameText(parsed)), "control characters in the text of a name");
    const written = unless("invalid_field", () => nameDer(parsed));
    if (written === undefined) return;
    const sorted = (value: typeof parsed) =>
      value.map((rdn) => rdn.map(({ type, value: text }) => `${type}=${text}`).toSorted());
    holds(isDeepStrictEqual(sorted(parseName(readDer(written))), sorted(parsed)), "another name is written");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: nameSeeds,
};

export const spki: Target = {
  run(input) {
    const { algorithm } = describeSpki(input);
    holds(keyIdentifier(input).length === 20, "key identifier");
    // Known difference: whether a point is on its curve is found out when the signature is checked.
    if (algorithm === "RSA") createPublicKey({ key: Buffer.from(input), format: "der", type: "spki" });
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => Object.values(spkis),
};

export const generalName: Target = {
  run(input) {
    const node = readDer(input);
    const parsed = unless("malformed", () => parseGeneralName(node));
    if (parsed !== undefined && parsed.type !== "other") {
      const canonical = unless("invalid_field", () => canonicalName(parsed.type, parsed.value));
      if (canonical !== undefined)
        holds(
          isDeepStrictEqual(parseGeneralName(readDer(generalNameDer(parsed))), canonical),
          "another name is written",
        );
    }
    const constraint = parseConstraint(node);
    if (constraint.type === "other") return;
    const again = parseConstraint(readDer(constraintDer(constraint)));
    holds(isDeepStrictEqual(again, constraint), "another constraint is written");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () =>
    [
      "820b7777772e61622e74657374",
      "8704c0000207",
      "871020010db8000000000000000000000001",
      "810a6140652e746573742e61",
      "86107370696666653a2f2f652e746573742f",
      "87080a000000ff000000",
      "8720fd000000000000000000000000000000ff000000000000000000000000000000",
      "8200",
      "a403300030",
    ].map(fromHex),
};

export const identifier: Target = {
  run(input) {
    const text = textOf(input);
    // Known difference: Node takes an IPv6 zone (`fe80::1%eth0`), which no certificate can hold.
    if (!text.includes("%")) holds((ipBytes(text) === undefined) === (isIP(text) === 0), "isIP disagrees");
    const bytes = ipBytes(text);
    if (bytes !== undefined) same(ipBytes(ipText(bytes)) ?? bytes.subarray(1), bytes, "address");
    const range = cidrBytes(text);
    if (range !== undefined) same(cidrBytes(cidrText(range) ?? "") ?? range.subarray(1), range, "range");
    for (const type of subjectNameTypes) {
      const canonical = unless("invalid_field", () => canonicalName(type, text));
      if (canonical === undefined) continue;
      holds(isDeepStrictEqual(canonicalName(type, canonical.value), canonical), "the canonical form has another one");
      holds(
        isDeepStrictEqual(parseGeneralName(readDer(generalNameDer(canonical))), canonical),
        "DER holds another name",
      );
    }
  },
  refusals: [],
  seeds: () =>
    [
      "www.example.test",
      "*.a.b",
      "192.0.2.1",
      "2001:db8::1",
      "::ffff:1.2.3.4",
      "10.0.0.0/8",
      "fd00::/8",
      "a@b.test",
      "spiffe://a/b",
      "urn:x:y%20",
    ].map(utf8),
  dictionary: [
    "*.",
    "xn--",
    "::",
    ":",
    ".",
    "@",
    "/",
    "//",
    "%41",
    "0",
    "255",
    "256",
    "ffff",
    "/32",
    "/128",
    "-",
    "_",
    "\u00e9",
    "\u212a",
  ],
};

export const pem: Target = {
  run(input) {
    const text = textOf(input);
    for (const label of ["CERTIFICATE", "CERTIFICATE REQUEST"])
      for (const der of unless("malformed", () => pemDecode(text, label, "pem")) ?? [])
        same(pemDecode(pemEncode(label, der), label)[0] ?? new Uint8Array(0), der, "written again");
    const der = decodeCsrText(text, "csr");
    same(decodeCsrText(pemEncode("CERTIFICATE REQUEST", der), "csr"), der, "written again");
  },
  refusals: ["malformed"],
  seeds: () => [
    ...csrSeeds()
      .slice(1, 3)
      .map((der) => utf8(pemEncode("CERTIFICATE REQUEST", der))),
    utf8(pemEncode("NEW CERTIFICATE REQUEST", fromHex("3000")) + pemEncode("CERTIFICATE", fromHex("3000"))),
    utf8("MAA="),
  ],
  dictionary: [
    "-----BEGIN ",
    "-----END ",
    "-----",
    "CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW ",
    "PRIVATE KEY",
    "ENCRYPTED ",
    "\r\n",
    "\n",
    "=",
    "==",
    " ",
    "MAA=",
    "Proc-Type: 4,ENCRYPTED\n",
  ],
};

export const signatureAlgorithm: Target = {
  run(input) {
    const named = unless("malformed", () => parseSignatureAlgorithmName(textOf(input)));
    if (named !== undefined) holds(algorithmIdentifier(named).length > 0, "identifier");
    same(algorithmIdentifier(parseSignatureAlgorithm(readDer(input))), input, "written again");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => [
    ...["ecdsa-with-SHA256", "sha384WithRSAEncryption", "Ed25519"].map((algorithm) =>
      algorithmIdentifier(parseSignatureAlgorithmName(algorithm)),
    ),
    utf8("Ed25519"),
    utf8("__proto__"),
  ],
};
