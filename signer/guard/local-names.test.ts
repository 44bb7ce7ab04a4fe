/** A root that people put into their trust stores may only ever vouch for the machine that it was made on. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { concat } from "#shared/kernel/bytes";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { nameConstraints } from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { constraintsOf } from "#shared/pki/name-constraint";
import { commonName, nameDer } from "#shared/pki/name";
import type { PublicKey } from "#shared/ports/signer";
import {
  caExtensions,
  day,
  dns,
  expectRefused,
  leafExtensions,
  openWorkshop,
  request,
  revocationBaseUrl,
  spec,
  start,
  type Workshop,
} from "#test/signer/workshop";
import { generateLeafKey } from "#shared/crypto/leaf-key";

let workshop: Workshop;
const leafSpki = generateLeafKey().spki;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const sign = (type: "certificate", handle: string, tbs: Uint8Array) =>
  workshop.service.sign(request(type, handle, tbs));
const refused = (type: "certificate", handle: string, tbs: Uint8Array, reason: RegExp) =>
  expectRefused(workshop, request(type, handle, tbs), { reason });

describe("a key for the names of one machine", () => {
  const limits = {
    revocationBaseUrl,
    permittedDns: ["localhost"],
    permittedIps: ["127.0.0.1/32", "::1/128"],
  } as const;
  /** Of addresses the certificate says nothing, which strongSwan would not read: the key alone is held to them. */
  const permitted = dns("localhost");
  const rootName = nameDer(commonName("Local Root"));
  const caName = nameDer(commonName("Local CA"));
  let root: PublicKey;
  let ca: PublicKey;
  beforeAll(async () => {
    root = await workshop.service.generateKey(spec({ handle: "local-root", limits }));
    ca = await workshop.service.generateKey(spec({ handle: "local-ca", purpose: "issuing-ca", limits }));
  });
  const tbs = (issuer: Uint8Array, subject: Uint8Array, spki: Uint8Array, extensions: readonly Uint8Array[]) =>
    buildTbsCertificate({
      serial: randomBytes(16).fill(0x55, 0, 1),
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: issuer,
      subjectNameDer: subject,
      notBeforeMs: start,
      notAfterMs: start + 50 * day,
      spki,
      extensions,
    });
  const rootTbs = (...more: Uint8Array[]) =>
    tbs(rootName, rootName, root.spki, [...caExtensions(root.spki, root.spki), ...more]);
  const below = (name: Uint8Array, spki: Uint8Array, ...more: Uint8Array[]) =>
    tbs(rootName, name, spki, [...caExtensions(root.spki, spki, 0), ...more]);
  const leaf = (sans: readonly GeneralName[]) =>
    tbs(caName, nameDer(commonName("localhost")), leafSpki, leafExtensions(ca.spki, leafSpki, sans));

  test("is a root only with its constraints, which are critical", async () => {
    await refused("certificate", "local-root", rootTbs(), /not those that the key was made with/);
    const wider = nameConstraints({ permitted: [...permitted, ...dns("example.test")] });
    await refused("certificate", "local-root", rootTbs(wider), /not those that the key was made with/);
    const critical = nameConstraints({ permitted });
    // The BOOLEAN TRUE after the OID goes.
    const lax = concat(
      Uint8Array.of(0x30, (critical[1] as number) - 3),
      critical.subarray(2, 7),
      critical.subarray(10),
    );
    await refused("certificate", "local-root", rootTbs(lax), /critical/);
    await sign("certificate", "local-root", rootTbs(nameConstraints({ permitted })));
  });

  test("certifies no CA that may certify other names", async () => {
    for (const [handle, over] of [
      ["free", {}],
      ["wide", { permittedDns: ["localhost", "example.test"] }],
      ["range", { permittedDns: ["localhost"], permittedIps: ["127.0.0.0/8"] }],
      ["other", { permittedDns: ["localhost"], permittedIps: ["10.0.0.1/32"] }],
    ] as const) {
      const key = await workshop.service.generateKey(
        spec({ handle: `local-${handle}`, purpose: "issuing-ca", limits: { revocationBaseUrl, ...over } }),
      );
      const constraints = constraintsOf(over);
      await refused(
        "certificate",
        "local-root",
        below(
          nameDer(commonName(`Local ${handle}`)),
          key.spki,
          ...(constraints.permitted.length > 0 ? [nameConstraints(constraints)] : []),
        ),
        /names that this root may not/,
      );
    }
    await sign("certificate", "local-root", below(caName, ca.spki, nameConstraints({ permitted })));
  });

  test("certifies these DNS names and addresses, and no other", async () => {
    const ip = (value: string): GeneralName => ({ type: "ip", value });
    for (const [sans, reason] of [
      [dns("localhost", "example.test"), /outside the names of this key/],
      [[ip("127.0.0.2")], /outside the names of this key/],
      [[ip("::2")], /outside the names of this key/],
      [[{ type: "email", value: "a@localhost" }], /DNS names and addresses only, not email/],
      [[{ type: "uri", value: "spiffe://localhost/a" }], /DNS names and addresses only, not uri/],
    ] as const)
      await refused("certificate", "local-ca", leaf(sans), reason);
    await sign("certificate", "local-ca", leaf([...dns("localhost", "trstctl.localhost"), ip("127.0.0.1"), ip("::1")]));
  });

  test("is not made with addresses alone, or with what is no range", async () => {
    for (const bad of [
      { permittedIps: ["127.0.0.1/32"] },
      { permittedDns: ["localhost"], permittedIps: ["127.0.0.1"] },
      { permittedDns: ["localhost"], permittedIps: ["127.0.0.1/8"] },
    ])
      await expect(
        workshop.service.generateKey(spec({ handle: "local-bad", limits: { revocationBaseUrl, ...bad } })),
      ).rejects.toMatchObject({ code: "guard_refused" });
  });
});
