/** What holds a key may fail after the guard let a request pass: nothing was signed then, and the next try is as the first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { keyIdentifier } from "#shared/pki/key";
import { startPool } from "#test/kms/pool";
import { crlUrlOf, makeChain, names, request, revocationBaseUrl, spec, start } from "#test/signer/workshop";
import { buildTbsCertList } from "#shared/pki/crl";
import { openJournal } from "./journal.ts";
import { joinBackends } from "./keys/backends.ts";
import { openKeyStore } from "./keys/key-files.ts";
import { createSignerService } from "./service.ts";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "failing-holder-"))));
afterAll(() => rmSync(directory, { recursive: true }));

test("a root signs itself, a CA is certified, and a CRL keeps its number, though KMS failed at each first", async () => {
  await using pool = await startPool({ algorithms: ["P-256"], spare: { "P-256": 4 } });
  const clock = { now: () => start };
  const service = await createSignerService({
    keys: joinBackends({
      sealed: openKeyStore(join(directory, "keys"), new SecretBytes(randomBytes(32))),
      kms: pool.open(),
    }),
    caKeys: "kms",
    clock,
    openJournal: (onRecord) => openJournal(join(directory, "journal"), onRecord),
  });
  const failing: typeof service.sign = async (asked) => {
    pool.server.faults = [{ operation: "Sign", times: 1, error: ["AccessDeniedException"] }];
    await expect(service.sign(asked)).rejects.toMatchObject({ code: "misconfigured" });
    return service.sign(asked);
  };
  const chain = await makeChain({ service: { generateKey: service.generateKey, sign: failing }, clock });
  expect(chain.root.backend).toBe("kms");
  expect(chain.ocsp.backend, "what answers every minute is sealed").toBe("sealed");

  const crl = (number: number) =>
    buildTbsCertList({
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuerNameDer: names.ca,
      thisUpdateMs: start,
      nextUpdateMs: start + 86_400_000,
      number,
      authorityKeyId: keyIdentifier(chain.ca.spki),
      distributionPointUrl: crlUrlOf(chain.ca.spki),
      entries: [],
    });
  await failing(request("crl", "ca", crl(1)));
  await expect(service.sign(request("crl", "ca", crl(1)))).rejects.toMatchObject({ code: "guard_refused" });
  await failing(request("crl", "ca", crl(2)));
});

test("a backend that is not there is refused by name, for what it would have held as for what it holds", async () => {
  const sealed = openKeyStore(join(directory, "other"), new SecretBytes(randomBytes(32)));
  const keys = joinBackends({ sealed });
  const own = spec({ handle: "elsewhere", backend: "pkcs11", limits: { revocationBaseUrl } });
  await expect(keys.create(own, () => false)).rejects.toMatchObject({
    code: "guard_refused",
    message: expect.stringMatching(/no pkcs11 backend; it has sealed/) as unknown,
  });
  await expect(keys.load({ spec: own, spki: new Uint8Array() })).rejects.toMatchObject({
    code: "misconfigured",
    message: expect.stringMatching(/lies in pkcs11.*TRSTCTL_PKCS11_MODULE/) as unknown,
  });
});
