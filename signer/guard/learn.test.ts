/** What was signed is learnt again at the start, whatever order it was recorded in and however strict the guard is now. */
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { buildTbsCertList, type CrlEntrySpec } from "#shared/pki/crl";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import type { PublicKey, SignRequest } from "#shared/ports/signer";
import {
  caExtensions,
  day,
  dns,
  leafExtensions,
  makeChain,
  openWorkshop,
  request,
  crlUrlOf,
  spec,
  start,
  type Workshop,
} from "#test/signer/workshop";

interface Ca {
  readonly handle: string;
  readonly key: PublicKey;
  readonly name: Uint8Array;
}

/** Two roots, so that slow RSA and quick EC signatures overtake each other, and an RSA CA. */
async function makeCas({ service }: Workshop): Promise<Ca[]> {
  const cas: Ca[] = [];
  const make = async (handle: string, algorithm: "P-256" | "RSA-2048", parent?: Ca): Promise<Ca> => {
    const purpose = parent === undefined ? "root-ca" : "issuing-ca";
    const key = await service.generateKey(spec({ handle, algorithm, purpose }));
    const name = nameDer(commonName(handle));
    const issuer = parent ?? { handle, key, name };
    const tbs = buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x41 + cas.length),
      signatureAlgorithm: issuer.key.signatureAlgorithm,
      issuerNameDer: issuer.name,
      subjectNameDer: name,
      notBeforeMs: start,
      notAfterMs: start + (parent === undefined ? 900 : 800) * day,
      spki: key.spki,
      extensions: caExtensions(issuer.key.spki, key.spki, parent === undefined ? undefined : 0),
    });
    await service.sign(request("certificate", issuer.handle, tbs));
    const ca = { handle, key, name };
    cas.push(ca);
    return ca;
  };
  await make("root-ec", "P-256");
  const rsa = await make("root-rsa", "RSA-2048");
  await make("ca-rsa", "RSA-2048", rsa);
  return cas;
}

const step = fc.record({
  ca: fc.nat(2),
  kind: fc.constantFrom("crl", "leaf"),
  point: fc.nat(1),
  ahead: fc.integer({ min: 1, max: 4 }),
  revoke: fc.nat(3),
  pause: fc.boolean(),
});

test("any history of legal signatures at once leads to the same knowledge after a restart", async () => {
  await using workshop = await openWorkshop();
  const cas = await makeCas(workshop);
  const crls = new Map<string, { number: number; entries: CrlEntrySpec[] }>();
  let serials = 0;
  const crlRequest = ({ handle, key, name }: Ca, url: string, number: number, entries: readonly CrlEntrySpec[]) =>
    request(
      "crl",
      handle,
      buildTbsCertList({
        signatureAlgorithm: key.signatureAlgorithm,
        issuerNameDer: name,
        thisUpdateMs: start,
        nextUpdateMs: start + day,
        number,
        authorityKeyId: keyIdentifier(key.spki),
        distributionPointUrl: url,
        entries: [...entries],
      }),
    );
  const leafRequest = ({ handle, key, name }: Ca, serial: Uint8Array): SignRequest => {
    const leaf = cas[0]?.key.spki ?? new Uint8Array(0);
    const other = Uint8Array.from(leaf);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1; // some key that is not the signer's
    return request(
      "certificate",
      handle,
      buildTbsCertificate({
        serial,
        signatureAlgorithm: key.signatureAlgorithm,
        issuerNameDer: name,
        subjectNameDer: nameDer([]),
        notBeforeMs: start,
        notAfterMs: start + day,
        spki: other,
        extensions: leafExtensions(key.spki, other, dns("a.test")),
      }),
    );
  };
  const issued: { ca: Ca; serial: Uint8Array }[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      let running: Promise<unknown>[] = [];
      for (const { ca: which, kind, point, ahead, revoke, pause } of steps) {
        const ca = cas[which] as Ca;
        const leaf = kind === "leaf" && ca.handle === "ca-rsa";
        const url = crlUrlOf(ca.key.spki, point);
        if (leaf) {
          const serial = new Uint8Array(16).fill(0x55);
          new DataView(serial.buffer).setUint32(8, ++serials);
          issued.push({ ca, serial });
          running.push(workshop.service.sign(leafRequest(ca, serial)));
        } else {
          const last = crls.get(url) ?? { number: 0, entries: [] };
          const fresh = Array.from({ length: revoke }, () => ({
            serial: (0x66000000 + ++serials).toString(16),
            revokedAtMs: start,
            reason: "superseded" as const,
          }));
          const next = { number: last.number + ahead, entries: [...last.entries, ...fresh] };
          crls.set(url, next);
          running.push(workshop.service.sign(crlRequest(ca, url, next.number, next.entries)));
        }
        if (pause) await running.shift();
      }
      await Promise.all(running);
      running = [];
      const service = await workshop.restart();
      for (const [url, { number, entries }] of crls) {
        const ca = cas.find(({ key }) => url.includes(`/${issuerIdOf(key.spki)}/`)) as Ca;
        await expect(service.sign(crlRequest(ca, url, number, entries))).rejects.toThrow(/does not follow/);
        if (entries.length > 0)
          await expect(service.sign(crlRequest(ca, url, number + 1, entries.slice(1)))).rejects.toThrow(/vanished/);
      }
      for (const { ca, serial } of issued.slice(-5))
        await expect(service.sign(leafRequest(ca, serial))).rejects.toThrow(/given away before/);
    }),
    { numRuns: 12 },
  );
}, 60_000);

describe("records of a guard that was less strict", () => {
  /** Writes the journal anew, each sign record changed. */
  function rewrite(path: string, change: (entry: Record<string, unknown>) => Record<string, unknown>): void {
    let previous = "";
    const lines = readFileSync(path, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const json = JSON.stringify(change(JSON.parse(line.slice(64)) as Record<string, unknown>));
        previous = sha256Hex(`trstctl/journal/1\n${previous}\n${json}`);
        return `${previous}${json}\n`;
      });
    writeFileSync(path, lines.join(""));
  }

  test("are read: too long, too far ahead, long ago, one serial twice, other limits", async () => {
    await using workshop = await openWorkshop();
    const chain = await makeChain(workshop);
    await workshop.service.sign(request("crl", "ca", chain.crlTbs({ number: 1 })));
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs()));
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs()));
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    const odd = base64(
      chain.leafTbs({ serial: new Uint8Array(16).fill(7), notBeforeMs: 0, notAfterMs: start + 9000 * day }),
    );
    const far = base64(chain.crlTbs({ number: 5_000_000, thisUpdateMs: 0, nextUpdateMs: start + 900 * day }));
    rewrite(workshop.journalPath, (entry) => {
      if (entry["op"] !== "sign") return entry;
      if (entry["type"] === "crl") return { ...entry, tbs: far };
      return entry["handle"] === "ca" ? { ...entry, tbs: odd } : entry;
    });
    const service = await workshop.restart();
    await expect(service.sign(request("crl", "ca", chain.crlTbs({ number: 5_000_000 })))).rejects.toThrow(
      /does not follow 5000000/,
    );
    await expect(service.sign(request("crl", "ca", chain.crlTbs({ number: 5_000_001 })))).resolves.toBeDefined();
  });
});
