/** Leaves that a taken-over front would like to have (I5). */
import { ECDH } from "node:crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { concat } from "#shared/kernel/bytes";
import type { TbsSpec } from "#shared/pki/certificate";
import { null_ } from "#shared/pki/der/writer";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  extKeyUsage,
  keyUsage,
  nameConstraints,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { hold, openTarget, type Target } from "#test/signer/attack";
import { caExtensions, type Chain, day, dns, leafExtensions, names, start, type Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("leaves", () => {
  const leaf = (change: Partial<TbsSpec>) => () => chain.leafTbs(change);
  const extended = (more: (chain: Chain) => Uint8Array[]) => () =>
    chain.leafTbs({ extensions: [...leafExtensions(chain.ca.spki, chain.leafSpki), ...more(chain)] });
  const named =
    (...sans: Parameters<typeof leafExtensions>[2] & object) =>
    () =>
      chain.leafTbs({ extensions: leafExtensions(chain.ca.spki, chain.leafSpki, sans) });
  const without =
    (at: number, ...instead: Uint8Array[]) =>
    () => {
      const extensions = leafExtensions(chain.ca.spki, chain.leafSpki);
      extensions.splice(at, 1, ...instead);
      return chain.leafTbs({ extensions });
    };
  hold(
    () => target,
    [
      {
        what: "a CA certificate from a leaf-issuing key",
        handle: "ca",
        tbs: () => chain.leafTbs({ extensions: caExtensions(chain.ca.spki, chain.leafSpki, 0) }),
        reason: /does not certify CAs/,
      },
      {
        what: "cA without the key usages",
        handle: "ca",
        tbs: without(5, basicConstraints(true)),
        reason: /does not certify CAs/,
      },
      {
        what: "keyCertSign without cA",
        handle: "ca",
        tbs: without(2, keyUsage(["digitalSignature", "keyCertSign"])),
        reason: /must not sign/,
      },
      { what: "cRLSign", handle: "ca", tbs: without(2, keyUsage(["cRLSign"])), reason: /must not sign/ },
      { what: "no extended key usage", handle: "ca", tbs: without(3), reason: /extended key usages/ },
      {
        what: "any extended key usage",
        handle: "ca",
        tbs: without(3, extKeyUsage(["2.5.29.37.0"])),
        reason: /anyExtendedKeyUsage/,
      },
      { what: "no authority key identifier", handle: "ca", tbs: without(0), reason: /authority key identifier/ },
      {
        what: "another authority key identifier",
        handle: "ca",
        tbs: () => without(0, authorityKeyIdentifier(keyIdentifier(chain.open.spki)))(),
        reason: /authority key identifier/,
      },
      { what: "a foreign issuer name", handle: "ca", tbs: leaf({ issuerNameDer: names.open }), reason: /issuer name/ },
      {
        what: "the same issuer name in another encoding",
        handle: "ca",
        tbs: leaf({
          issuerNameDer: nameDer([[{ ...commonName("Acme CA")[0]?.[0], type: "CN", value: "acme ca" }]] as never),
        }),
        reason: /issuer name/,
      },
      {
        what: "a longer life than the key's limit",
        handle: "ca",
        tbs: leaf({ notAfterMs: start + 91 * day }),
        reason: /outside this key's limits/,
      },
      {
        what: "a longer life than the CA's",
        handle: "open",
        tbs: () => chain.openLeafTbs({ notAfterMs: start + 100 * day + 1000 }),
        reason: /outlive its issuer/,
      },
      {
        what: "backdated by more than a day",
        handle: "ca",
        tbs: leaf({ notBeforeMs: start - day - 1000 }),
        reason: /24 hours back/,
      },
      { what: "from the future", handle: "ca", tbs: leaf({ notBeforeMs: start + 3_601_000 }), reason: /in the future/ },
      {
        what: "over before it begins",
        handle: "ca",
        tbs: leaf({ notBeforeMs: start, notAfterMs: start }),
        reason: /not after notBefore/,
      },
      {
        what: "for ever",
        handle: "ca",
        tbs: leaf({ notAfterMs: Date.UTC(9999, 11, 31, 23, 59, 59) }),
        reason: /outlive its issuer/,
      },
      {
        what: "a short serial number",
        handle: "ca",
        tbs: leaf({ serial: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) }),
        reason: /64 bits/,
      },
      {
        what: "serial number 1 behind zeros",
        handle: "ca",
        tbs: leaf({ serial: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1) }),
        reason: /64 bits/,
      },
      {
        what: "another algorithm",
        handle: "ca",
        tbs: leaf({ signatureAlgorithm: "ecdsa-with-SHA384" }),
        reason: /the key signs/,
      },
      {
        what: "an unknown extension",
        handle: "ca",
        tbs: extended(() => [extension("1.2.3.4.5", false, null_())]),
        reason: /1\.2\.3\.4\.5 is not on the list/,
      },
      {
        what: "an unknown critical extension",
        handle: "ca",
        tbs: extended(() => [extension("1.2.3.4.5", true, null_())]),
        reason: /is not on the list/,
      },
      {
        what: "name constraints in a leaf",
        handle: "ca",
        tbs: extended(() => [nameConstraints({ permitted: dns("x.test") })]),
        reason: /is not on the list/,
      },
      {
        what: "an extension twice",
        handle: "ca",
        tbs: extended(() => [basicConstraints(false)]),
        code: "malformed",
        reason: /twice/,
      },
      {
        what: "a DNS name outside",
        handle: "ca",
        tbs: named(...dns("www.example.test", "www.example.org")),
        reason: /www\.example\.org is outside/,
      },
      {
        what: "a DNS name that only ends alike",
        handle: "ca",
        tbs: named(...dns("notexample.test")),
        reason: /is outside/,
      },
      { what: "a wildcard above", handle: "ca", tbs: named(...dns("*.test")), reason: /is outside/ },
      {
        what: "an IP address",
        handle: "ca",
        tbs: named({ type: "ip", value: "10.0.0.1" }),
        reason: /DNS names only, not ip/,
      },
      {
        what: "an e-mail address",
        handle: "ca",
        tbs: named({ type: "email", value: "a@example.test" }),
        reason: /DNS names only, not email/,
      },
      {
        what: "a URI",
        handle: "ca",
        tbs: named({ type: "uri", value: "https://example.test/" }),
        reason: /DNS names only, not uri/,
      },
      {
        what: "a common name outside",
        handle: "ca",
        tbs: leaf({ subjectNameDer: nameDer(commonName("www.example.org")) }),
        reason: /common name www\.example\.org/,
      },
      {
        what: "a second common name outside",
        handle: "ca",
        tbs: leaf({ subjectNameDer: nameDer([...commonName("www.example.test"), ...commonName("www.example.org")]) }),
        reason: /common name www\.example\.org/,
      },
      {
        what: "OCSPSigning for a foreign key",
        handle: "ca",
        tbs: without(3, extKeyUsage(["OCSPSigning"])),
        reason: /own delegated key/,
      },
      {
        what: "OCSPSigning beside another usage",
        handle: "open",
        tbs: () =>
          chain.openLeafTbs({
            extensions: leafExtensions(chain.open.spki, chain.leafSpki, [], ["serverAuth", "OCSPSigning"]),
          }),
        reason: /own delegated key/,
      },
      {
        what: "OCSPSigning for another CA's responder",
        handle: "ca",
        tbs: () => {
          const key = target.spkiOf("ocsp2");
          return chain.responderTbs({ spki: key, extensions: leafExtensions(chain.ca.spki, key, [], ["OCSPSigning"]) });
        },
        reason: /own delegated key/,
      },
      {
        what: "its responder with a further usage",
        handle: "ca",
        tbs: () =>
          chain.responderTbs({
            extensions: leafExtensions(chain.ca.spki, chain.ocsp.spki, [], ["OCSPSigning", "serverAuth"]),
          }),
        reason: /no other usage/,
      },
      ...(["root", "ca", "open", "ocsp"] as const).map((which) => ({
        what: `the signer's own ${which} key as a leaf's`,
        handle: "open",
        tbs: () => {
          const { spki } = chain[which];
          return chain.openLeafTbs({ spki, extensions: leafExtensions(chain.open.spki, spki, dns("anything.test")) });
        },
        reason: /belongs to this signer/,
      })),
      {
        what: "another tenant's key as a leaf's",
        handle: "open",
        tbs: () => {
          const spki = target.spkiOf("theirs", "other");
          return chain.openLeafTbs({ spki, extensions: leafExtensions(chain.open.spki, spki, dns("anything.test")) });
        },
        reason: /belongs to this signer/,
      },
      {
        what: "the signer's own key in another encoding",
        handle: "open",
        tbs: () => {
          const { spki } = chain.ca;
          const point = ECDH.convertKey(spki.subarray(-65), "prime256v1", undefined, undefined, "compressed") as Buffer;
          const header = Uint8Array.from(spki.subarray(0, -65));
          header[1] = (header[1] as number) - 32; // SEQUENCE
          header[24] = 34; // BIT STRING
          return chain.openLeafTbs({ spki: concat(header, point) });
        },
        code: "malformed" as const,
        reason: /uncompressed/,
      },
    ],
  );
});
