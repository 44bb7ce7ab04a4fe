/** CAs: what a crash between signature and commit leaves, and what relying parties make of their constraints. */
import { execFile } from "node:child_process";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { assembleSigned, buildTbsCertificate, parseCertificate } from "#shared/pki/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  extKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { pemEncode } from "#shared/pki/pem";
import type { EventLog } from "#shared/ports/event-log";
import { type CreateIssuer, createIssuingCa, createRoot } from "#shared/usecases/create-issuer";
import { reconcile } from "#shared/usecases/reconcile";
import { adminCall, openHouse, revocationBaseUrl } from "./house.ts";

const lost = (log: EventLog): EventLog => ({
  ...log,
  commit: () => Promise.reject(new Failure("unavailable", "the disk is full")),
});

const command = (over: Partial<CreateIssuer> = {}): CreateIssuer => ({
  name: "First",
  keyAlgorithm: "P-256",
  validitySeconds: 86_400,
  permittedDns: [],
  revocationBaseUrl: "http://127.0.0.1:1111",
  ...over,
});
const later = { name: "Second", validitySeconds: 2 * 86_400, revocationBaseUrl: "http://127.0.0.1:2222" };

describe("a crash between the signature and its commit", () => {
  it("of a root: the next start, on another port and under another name, adopts what was signed", async () => {
    await using house = await openHouse([]);
    const { deps } = house;
    const crashed = createRoot({ ...deps, log: lost(deps.log) }, adminCall("acme", "root"), command());
    await expect(crashed).rejects.toMatchObject({ code: "unavailable" });
    house.advance(5_000);
    const id = await createRoot(deps, adminCall("acme", "root"), command(later));
    const { state } = await deps.log.load("acme", "issuer", id);
    expect(state).toMatchObject({ name: "First", subject: "CN=First", revocation_base_url: "http://127.0.0.1:1111" });
    expect(await createRoot(deps, adminCall("acme", "root"), command(later))).toBe(id);
    house.advance(120_000);
    expect(await reconcile(deps, adminCall("acme"))).toMatchObject({ recorded: 1, repaired: [], unjournalled: [] });

    // And what it signs then names the URLs that its key was made for.
    const ca = await createIssuingCa(deps, adminCall("acme", "ca"), command({ ...later, validitySeconds: 3_600 }));
    const { state: issuing } = await deps.log.load("acme", "issuer", ca);
    expect(parseCertificate(fromBase64(issuing?.certificate ?? "")).crlUrls).toEqual([
      `http://127.0.0.1:1111/crl/${id}/0.crl`,
    ]);
    expect(issuing).toMatchObject({ name: "Second", revocation_base_url: "http://127.0.0.1:2222" });
  });

  it("of an issuing CA: the same", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const first = command({ permittedDns: ["example.test"] });
    const call = adminCall("acme", "ca");
    await expect(createIssuingCa({ ...deps, log: lost(deps.log) }, call, first)).rejects.toMatchObject({
      code: "unavailable",
    });
    const id = await createIssuingCa(deps, call, { ...first, ...later });
    expect((await deps.log.load("acme", "issuer", id)).state).toMatchObject({
      name: "First",
      permitted_dns: ["example.test"],
      revocation_base_url: "http://127.0.0.1:1111",
    });
  });
});

it("a name belongs to one issuer of the tenant, whatever its writing, and is free in another tenant", async () => {
  await using house = await openHouse(["acme", "other"]);
  const make = (tenant: string, name: string) => createIssuingCa(house.deps, adminCall(tenant), command({ name }));
  await make("acme", "Edge CA");
  for (const name of ["Edge CA", "edge  ca", "ACME Root"])
    await expect(make("acme", name)).rejects.toMatchObject({ code: "conflict", field: "name" });
  await expect(make("other", "Edge CA")).resolves.toBeDefined();
  // At once, the signer decides.
  const both = await Promise.allSettled([make("acme", "Rush"), make("acme", "Rush")]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

describe("a CA for some DNS names", () => {
  const run = promisify(execFile);
  interface Own {
    readonly key: KeyObject;
    readonly spki: Uint8Array;
  }
  const newKey = (): Own => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { key: privateKey, spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })) };
  };
  const certify = (issuer: Own, issuerName: string, subject: Own, name: string, extensions: readonly Uint8Array[]) => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const tbs = buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x55),
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: nameDer(commonName(issuerName)),
      subjectNameDer: nameDer(commonName(name)),
      notBeforeMs: now - 60_000,
      notAfterMs: now + 3_600_000,
      spki: subject.spki,
      extensions: [
        authorityKeyIdentifier(keyIdentifier(issuer.spki)),
        subjectKeyIdentifier(keyIdentifier(subject.spki)),
        ...extensions,
      ],
    });
    return assembleSigned(tbs, "ecdsa-with-SHA256", new Uint8Array(sign("sha256", tbs, issuer.key)));
  };

  it("as openssl sees it: names within verify; other names, any IP address and no constraint at all do not pass", async () => {
    await using house = await openHouse();
    const id = await createIssuingCa(
      house.deps,
      adminCall("acme"),
      command({ permittedDns: ["example.test"], revocationBaseUrl }),
    );
    const { state } = await house.deps.log.load("acme", "issuer", id);
    const constraints = parseCertificate(fromBase64(state?.certificate ?? "")).extensions.get(oids.nameConstraints);
    if (constraints === undefined) throw new Error("no name constraints");
    // The signer would sign no such leaf: a throw-away CA with the very same constraints does.
    const [root, ca, leaf] = [newKey(), newKey(), newKey()];
    const caUsage = keyUsage(["keyCertSign", "cRLSign"]);
    const rootDer = certify(root, "R", root, "R", [basicConstraints(true), caUsage]);
    const caDer = certify(root, "R", ca, "C", [
      basicConstraints(true, 0),
      caUsage,
      extension(oids.nameConstraints, true, constraints.value),
    ]);
    const directory = mkdtempSync(join(tmpdir(), "nc-"));
    const file = (name: string, der: Uint8Array): string => {
      writeFileSync(join(directory, name), pemEncode("CERTIFICATE", der));
      return join(directory, name);
    };
    const verdict = async (...sans: GeneralName[]): Promise<string> => {
      const der = certify(ca, "C", leaf, "www.example.test", [
        keyUsage(["digitalSignature"]),
        extKeyUsage(["serverAuth"]),
        subjectAltName(sans),
        basicConstraints(false),
      ]);
      const words = ["verify", "-CAfile", file("root.pem", rootDer), "-untrusted", file("ca.pem", caDer)];
      return run("openssl", [...words, file("leaf.pem", der)]).then(
        ({ stdout }) => stdout,
        (error: { stderr: string }) => error.stderr,
      );
    };
    const within: GeneralName = { type: "dns", value: "www.example.test" };
    try {
      expect(await verdict(within)).toMatch(/leaf\.pem: OK/);
      expect(await verdict({ type: "dns", value: "www.example.org" })).toMatch(/permitted subtree violation/);
      for (const value of ["10.0.0.1", "127.0.0.1", "2001:db8::1", "::1"])
        expect(await verdict(within, { type: "ip", value })).toMatch(/excluded subtree violation/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
