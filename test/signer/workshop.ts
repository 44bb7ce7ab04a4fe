/** A real signer in a directory of its own, and what one needs to attack it: well-formed bytes to change one thing of. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { randomBytes } from "#shared/crypto/random";
import { fromHex } from "#shared/kernel/bytes";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { buildTbsCertificate, type TbsSpec } from "#shared/pki/certificate";
import { buildTbsCertList, type TbsCertListSpec } from "#shared/pki/crl";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extKeyUsage,
  keyUsage,
  nameConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { buildTbsResponseData, certIdFor, type ResponseDataSpec } from "#shared/pki/ocsp";
import { issuerIdOf, revocationUrls } from "#shared/pki/revocation-urls";
import type { KeySpec, PublicKey, SignedType, Signer, SignRequest } from "#shared/ports/signer";
import type { Clock } from "#shared/ports/clock";
import { type Entry, openJournal } from "#signer/journal";
import { openKeyStore } from "#signer/keys/key-files";
import { createSignerService, type SignerService } from "#signer/service";
import { memoryItems } from "./items.ts";
import { openFleet, recording } from "./fleet.ts";

export const day = 86_400_000;
export const start = Date.UTC(2040, 0, 1);

export interface Workshop extends AsyncDisposable {
  readonly service: SignerService;
  readonly directory: string;
  readonly journalPath: string;
  readonly kek: SecretBytes;
  readonly clock: Clock & { advance(ms: number): void };
  /** Everything in the journal, as it lies on the disk. */
  entries(): Entry[];
  /** As after a crash: a new service on the same files. */
  restart(): Promise<SignerService>;
}

/** `file`: the one process of a machine. `table`: processes over a table; a restart is one more of them. */
type Place = "file" | "table";
let place: Place = "file";

/** Where the workshops of the tests that follow are. */
export function workshopsAt(where: Place): void {
  place = where;
}

/** @param tickMs how far the clock moves each time somebody looks at it */
export async function openWorkshop({ tickMs = 0 }: { readonly tickMs?: number } = {}): Promise<Workshop> {
  let now = start;
  const clock = {
    now: () => (now += tickMs),
    advance: (ms: number) => void (now += ms),
  };
  return place === "file" ? openFileWorkshop(clock) : openTableWorkshop(clock);
}

/** A signer for a house of tests, where the workshops are. @param directory its own */
export function openSigner(directory: string, clock: Clock): Promise<SignerService> {
  if (place === "table") return Promise.resolve(openFleet({ clock }).start());
  return createSignerService({
    clock,
    keys: openKeyStore(join(directory, "keys"), new SecretBytes(randomBytes(32))),
    openJournal: (onRecord) => openJournal(join(directory, "journal"), onRecord),
  });
}

async function openTableWorkshop(clock: Workshop["clock"]): Promise<Workshop> {
  const { items, entries } = recording(memoryItems());
  const fleet = openFleet({ clock, items });
  const workshop = {
    service: fleet.start(),
    directory: "",
    journalPath: "",
    kek: fleet.kek,
    clock,
    entries,
    async restart() {
      workshop.service = fleet.start();
      return workshop.service;
    },
    async [Symbol.asyncDispose]() {},
  };
  return workshop;
}

async function openFileWorkshop(clock: Workshop["clock"]): Promise<Workshop> {
  const directory = mkdtempSync(join(tmpdir(), "trstctl-signer-"));
  const journalPath = join(directory, "journal");
  const kek = new SecretBytes(randomBytes(32));
  const open = () =>
    createSignerService({
      keys: openKeyStore(join(directory, "keys"), new SecretBytes(kek.reveal().slice())),
      clock,
      openJournal: (onRecord) => openJournal(journalPath, onRecord),
    });
  const workshop = {
    service: await open(),
    directory,
    journalPath,
    kek,
    clock,
    entries: () =>
      readFileSync(journalPath, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line.slice(64)) as Entry),
    async restart() {
      workshop.service = await open();
      return workshop.service;
    },
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return workshop;
}

export const revocationBaseUrl = "http://r.example.test";

export const spec = (over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: "root",
  algorithm: "P-256",
  purpose: "root-ca",
  limits: { revocationBaseUrl },
  ...over,
});

let operations = 0;

export const request = (
  type: SignedType,
  handle: string,
  tbs: Uint8Array,
  over: Partial<SignRequest> = {},
): SignRequest => ({
  opId: `op-${++operations}`,
  tenant: "acme",
  handle,
  type,
  profile: "-",
  requestHash: sha256Hex(tbs),
  tbs,
  ...over,
});

export const names = {
  root: nameDer(commonName("Acme Root")),
  ca: nameDer(commonName("Acme CA")),
  open: nameDer(commonName("Acme Open CA")),
};

export const dns = (...values: readonly string[]): GeneralName[] => values.map((value) => ({ type: "dns", value }));

/** The URL under which the CRL of a CA's shard is to be found. */
export const crlUrlOf = (spki: Uint8Array, shard = 0): string =>
  revocationUrls(revocationBaseUrl, issuerIdOf(spki)).crlUrl(shard);

const serial = (): Uint8Array => {
  const bytes = randomBytes(16);
  bytes[0] = 0x55;
  return bytes;
};

type Over = Partial<TbsSpec>;

/** Of a leaf of the CA for example.test, lower-case hex. */
export const leafSerial = "550f000000000001";

/** The keys of a tenant with certificates as they should be: a root, a CA for example.test, one for any name, a responder. */
export interface Chain {
  readonly root: PublicKey;
  readonly ca: PublicKey;
  readonly open: PublicKey;
  readonly ocsp: PublicKey;
  readonly leafSpki: Uint8Array;
  rootTbs(over?: Over): Uint8Array;
  caTbs(over?: Over): Uint8Array;
  openTbs(over?: Over): Uint8Array;
  responderTbs(over?: Over): Uint8Array;
  /** Below the CA for example.test. */
  leafTbs(over?: Over): Uint8Array;
  /** Below the CA for any name. */
  openLeafTbs(over?: Over): Uint8Array;
  crlTbs(over?: Partial<TbsCertListSpec>): Uint8Array;
  ocspTbs(over?: Partial<ResponseDataSpec>): Uint8Array;
}

export const everyAddress: readonly GeneralName[] = ["0.0.0.0/0", "::/0"].map((value) => ({ type: "ip", value }));

export const caExtensions = (issuer: Uint8Array, subject: Uint8Array, pathLen?: number, permitted: string[] = []) => [
  basicConstraints(true, pathLen),
  keyUsage(["keyCertSign", "cRLSign"]),
  subjectKeyIdentifier(keyIdentifier(subject)),
  authorityKeyIdentifier(keyIdentifier(issuer)),
  ...(permitted.length > 0 ? [nameConstraints({ permitted: dns(...permitted), excluded: everyAddress })] : []),
];

export const leafExtensions = (
  issuer: Uint8Array,
  subject: Uint8Array,
  sans: readonly GeneralName[] = dns("www.example.test"),
  usages: readonly string[] = ["serverAuth"],
) => [
  authorityKeyIdentifier(keyIdentifier(issuer)),
  subjectKeyIdentifier(keyIdentifier(subject)),
  keyUsage(["digitalSignature"]),
  extKeyUsage(usages),
  ...(sans.length > 0 ? [subjectAltName(sans)] : []),
  basicConstraints(false),
];

/** A signer, wherever it runs, and its clock. */
export interface ChainPlace {
  readonly service: Pick<Signer, "generateKey" | "sign">;
  readonly clock: Clock;
}

export async function makeChain({ service, clock }: ChainPlace): Promise<Chain> {
  const begun = Math.floor(clock.now() / 1000) * 1000;
  const root = await service.generateKey(spec());
  const ca = await service.generateKey(
    spec({
      handle: "ca",
      purpose: "issuing-ca",
      limits: { permittedDns: ["example.test"], maxLeafSeconds: 90 * 86_400, revocationBaseUrl },
    }),
  );
  const open = await service.generateKey(spec({ handle: "open", purpose: "issuing-ca" }));
  const ocsp = await service.generateKey(spec({ handle: "ocsp", purpose: "ocsp", limits: { issuerHandle: "ca" } }));
  const leafSpki = generateLeafKey().spki;
  const build = (defaults: Omit<TbsSpec, "serial" | "notBeforeMs" | "signatureAlgorithm">, over: Over): Uint8Array =>
    buildTbsCertificate({
      serial: serial(),
      notBeforeMs: clock.now() - 60_000,
      signatureAlgorithm: "ecdsa-with-SHA256",
      ...defaults,
      ...over,
    });
  const chain: Chain = {
    root,
    ca,
    open,
    ocsp,
    leafSpki,
    rootTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.root,
          subjectNameDer: names.root,
          notAfterMs: begun + 3650 * day,
          spki: root.spki,
          extensions: caExtensions(root.spki, root.spki),
        },
        over,
      ),
    caTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.root,
          subjectNameDer: names.ca,
          notAfterMs: begun + 1000 * day,
          spki: ca.spki,
          extensions: caExtensions(root.spki, ca.spki, 0, ["example.test"]),
        },
        over,
      ),
    openTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.root,
          subjectNameDer: names.open,
          notAfterMs: begun + 100 * day,
          spki: open.spki,
          extensions: caExtensions(root.spki, open.spki, 0),
        },
        over,
      ),
    responderTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.ca,
          subjectNameDer: nameDer(commonName("OCSP")),
          notAfterMs: clock.now() + 30 * day,
          spki: ocsp.spki,
          extensions: leafExtensions(ca.spki, ocsp.spki, [], ["OCSPSigning"]),
        },
        over,
      ),
    leafTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.ca,
          subjectNameDer: nameDer(commonName("www.example.test")),
          notAfterMs: clock.now() + 30 * day,
          spki: leafSpki,
          extensions: leafExtensions(ca.spki, leafSpki),
        },
        over,
      ),
    openLeafTbs: (over = {}) =>
      build(
        {
          issuerNameDer: names.open,
          subjectNameDer: nameDer(commonName("anything.test")),
          notAfterMs: clock.now() + 30 * day,
          spki: leafSpki,
          extensions: leafExtensions(open.spki, leafSpki, dns("anything.test")),
        },
        over,
      ),
    crlTbs: (over = {}) =>
      buildTbsCertList({
        signatureAlgorithm: "ecdsa-with-SHA256",
        issuerNameDer: names.ca,
        thisUpdateMs: clock.now(),
        nextUpdateMs: clock.now() + 7 * day,
        number: 1,
        authorityKeyId: keyIdentifier(ca.spki),
        distributionPointUrl: crlUrlOf(ca.spki),
        entries: [],
        ...over,
      }),
    ocspTbs: (over = {}) =>
      buildTbsResponseData({
        responderKeyHash: keyIdentifier(ocsp.spki),
        producedAtMs: clock.now(),
        responses: [
          {
            certId: certIdFor(names.ca, ca.spki, leafSerial, "sha1"),
            status: { type: "good" },
            thisUpdateMs: clock.now(),
            nextUpdateMs: clock.now() + 600_000,
          },
        ],
        ...over,
      }),
  };
  await service.sign(request("certificate", "root", chain.rootTbs()));
  await service.sign(request("certificate", "root", chain.caTbs()));
  await service.sign(request("certificate", "root", chain.openTbs()));
  await service.sign(request("certificate", "ca", chain.responderTbs()));
  await service.sign(request("certificate", "ca", chain.leafTbs({ serial: fromHex(leafSerial) })));
  return chain;
}

export interface Refusal {
  readonly reason: RegExp;
  readonly code?: "guard_refused" | "malformed";
}

/** Refused with the reason, which then stands in the journal; nothing was signed. */
export async function expectRefused(
  workshop: Workshop,
  attempt: SignRequest,
  { reason, code = "guard_refused" }: Refusal,
): Promise<void> {
  const before = workshop.entries().length;
  await expect(workshop.service.sign(attempt)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(reason) as unknown,
  });
  const { tenant, handle, opId, type } = attempt;
  expect(workshop.entries().slice(before)).toMatchObject([
    { op: "refuse", tenant, handle, opId, type, reason: expect.stringMatching(reason) as unknown },
  ]);
}
