/** The signer: frames and messages of its socket, its journal and key files, and the guard over what is to be signed. */
import { X509Certificate } from "node:crypto";
import { EventEmitter } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { sha256Hex } from "#shared/crypto/hash";
import { base64, utf8 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { keyIdentifier } from "#shared/pki/key";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import type { KeySpec, SignedType } from "#shared/ports/signer";
import { encodeFrame, type Frame, readFrames } from "#signer/client/frames";
import { guard } from "#signer/guard/guard";
import { type Entry, type Journal, openJournal } from "#signer/journal";
import { createKeyRegistry } from "#signer/key-registry";
import { openKeyStore } from "#signer/keys/key-files";
import type { KeyStore } from "#signer/keys/key-store";
import { serveSigner } from "#signer/server";
import { createSignerService } from "#signer/service";
import { spkis } from "../seeds/keys.ts";
import { certRepSeeds, cmpResponseSeeds } from "../seeds/ra.ts";
import { crlSeeds, ocspDataSeeds, seedBase, seedNow, signedFiller, tbsSeeds } from "../seeds/x509.ts";
import { scratch } from "../scratch.ts";
import { Finding, holds, type Target } from "../target.ts";

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

// Frames.

interface Read {
  readonly frames: readonly Frame[];
  readonly destroyed: boolean;
}

function framesOf(chunks: readonly Uint8Array[]): Read {
  const frames: Frame[] = [];
  let destroyed = false;
  const socket = Object.assign(new EventEmitter(), {
    destroy: () => {
      destroyed = true;
    },
  });
  readFrames(socket as unknown as Socket, (frame) => frames.push(frame));
  for (const chunk of chunks) if (!destroyed) socket.emit("data", Buffer.from(chunk));
  return { frames, destroyed };
}

export const frames: Target = {
  run(input) {
    const whole = framesOf([input]);
    for (const size of [1, 7]) {
      const chunks = Array.from({ length: Math.ceil(input.length / size) }, (_, i) =>
        input.subarray(i * size, (i + 1) * size),
      );
      holds(isDeepStrictEqual(framesOf(chunks), whole), `in pieces of ${size} bytes it is read otherwise`);
    }
    for (const { header, payload } of whole.frames)
      holds(isDeepStrictEqual(framesOf([encodeFrame(header, payload)]).frames, [{ header, payload }]), "written again");
  },
  refusals: [],
  maxBytes: 600,
  seeds: () => [
    encodeFrame({ id: 1, method: "health" }),
    Buffer.concat([encodeFrame({ id: 2, ok: true }, new Uint8Array(9)), encodeFrame({}, new Uint8Array(1))]),
  ],
  dictionary: ["\0\0\0\u0004", "\0\0\0\u0000", "{}", "[]", "null", '"id":1', "\u00ff\u00ff\u00ff\u00ff"],
};

// Messages, over a real socket.

const made: Readonly<Record<KeySpec["purpose"], Uint8Array>> = {
  "root-ca": spkis.root,
  "issuing-ca": spkis.ca,
  ocsp: spkis.ocsp,
  ra: spkis.rsa,
  checkpoint: spkis.ed25519,
};
const keys: KeyStore = {
  create: (spec) => Promise.resolve({ spec, spki: made[spec.purpose] }),
  load: () => undefined,
  open: () => undefined,
  sign: () => Promise.resolve(new Uint8Array(70)),
  decrypt: (_spec, _ciphertext, keyBytes) => Promise.resolve(new Uint8Array(keyBytes)),
};

function memoryJournal(): Journal {
  const entries: Entry[] = [];
  return {
    broken: () => undefined,
    count: () => entries.length,
    mark: () => Promise.resolve(undefined),
    append(entry) {
      entries.push(entry);
      return Promise.resolve({ n: entries.length, offset: entries.length - 1, length: 1 });
    },
    readAt: (offset) => Promise.resolve(entries[offset] as Entry),
    scan: (after, limit, wanted) =>
      Promise.resolve(
        entries
          .slice(after, after + limit)
          .filter(wanted)
          .map((entry, n) => ({ ...entry, n, hash: "" })),
      ),
    close: () => Promise.resolve(),
  };
}

const clock = { now: () => seedNow };
const spec: KeySpec = {
  tenant: "acme",
  handle: "root",
  algorithm: "P-256",
  purpose: "root-ca",
  limits: { revocationBaseUrl: seedBase },
};
const caSpec: KeySpec = {
  ...spec,
  handle: "ca",
  purpose: "issuing-ca",
  limits: { permittedDns: ["example.test"], maxLeafSeconds: 90 * 86_400, revocationBaseUrl: seedBase },
};
const ocspSpec: KeySpec = { ...spec, handle: "ocsp", purpose: "ocsp", limits: { issuerHandle: "ca" } };
const raSpec: KeySpec = {
  ...spec,
  handle: "ra",
  algorithm: "RSA-2048",
  purpose: "ra",
  limits: { issuerHandle: "ca" },
};
const issuerId = issuerIdOf(spkis.ca);
const signing = (handle: string, type: string, tbs: Uint8Array) => ({
  method: "sign",
  opId: "op-1",
  tenant: "acme",
  handle,
  type,
  profile: "-",
  requestHash: sha256Hex(tbs),
  payload: base64(tbs),
});

/** A service that has a chain, on a socket. What it learns is forgotten with it. */
async function openSigner(
  path: string,
): Promise<{ ask(header: object, payload: Uint8Array): Promise<Frame | undefined>; close(): void }> {
  const service = await createSignerService({ keys, clock, openJournal: () => Promise.resolve(memoryJournal()) });
  for (const one of [spec, caSpec, ocspSpec, raSpec]) await service.generateKey(one);
  const server: Server = await serveSigner(service, path);
  const socket = connect(path);
  const waiting: ((frame: Frame | undefined) => void)[] = [];
  readFrames(socket, (frame) => waiting.shift()?.(frame));
  socket.on("close", () => waiting.shift()?.(undefined));
  return {
    ask: (header, payload) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(encodeFrame(header, payload));
      }),
    close() {
      socket.destroy();
      server.close();
    },
  };
}

const lifetime = 500;

function messagesTarget(): Target {
  let signer: Awaited<ReturnType<typeof openSigner>> | undefined;
  let asked = 0;
  return {
    async run(input) {
      const path = join(scratch(), "s");
      let header: Record<string, unknown>;
      try {
        header = { ...(JSON.parse(Buffer.from(input).toString("utf8")) as object) };
      } catch {
        return;
      }
      if (signer === undefined || ++asked % lifetime === 0) {
        signer?.close();
        signer = await openSigner(path);
      }
      const payload = Buffer.from(typeof header["payload"] === "string" ? header["payload"] : "", "base64");
      delete header["payload"];
      const id = "id" in header ? header["id"] : 7;
      const answer = await signer.ask({ ...header, id }, payload);
      const known = Number.isSafeInteger(id) && (id as number) >= 0;
      if (!known) {
        signer.close(); // it cuts such a caller off
        signer = undefined;
      }
      holds((answer !== undefined) === known, "an answer to what has no id, or none to what has one");
      if (answer === undefined) return;
      holds(answer.header["id"] === id, "the answer is another one's");
      if (answer.header["ok"] === true) return;
      const code = answer.header["code"];
      if (!messageRefusals.includes(String(code)))
        throw new Finding(`${String(code)}: ${String(answer.header["detail"])}`);
    },
    refusals: [],
    format: "json",
    maxBytes: 8_192,
    seeds: () => {
      const tbs = tbsSeeds(issuerId);
      return [
        { method: "generateKey", spec: caSpec },
        { method: "generateKey", spec: { ...spec, handle: "other" } },
        signing("root", "certificate", tbs.root),
        signing("root", "certificate", tbs.ca),
        signing("root", "crl", crlSeeds().empty),
        signing("ocsp", "ocsp", ocspDataSeeds()[0] ?? new Uint8Array(0)),
        signing("ca", "certificate", tbs.ra),
        signing("ra", "cms", certRepSeeds()[0] ?? new Uint8Array(0)),
        { method: "decrypt", tenant: "acme", handle: "ra", keyBytes: 16, payload: base64(new Uint8Array(256)) },
        { method: "journal", tenant: "acme", after: 0, limit: 10 },
        { method: "health" },
        { id: -1, method: "health" },
      ].map(json);
    },
    dictionary: [
      "generateKey",
      "sign",
      "journal",
      "health",
      "root-ca",
      "issuing-ca",
      "ocsp",
      "ra",
      "cms",
      "cmp",
      "decrypt",
      "acme",
      "__proto__",
      "toString",
    ],
  };
}

const messageRefusals: readonly string[] = ["malformed", "guard_refused", "conflict", "too_large", "rate_limited"];
export const messages = messagesTarget();

// The guard, with the state after a root, a CA for example.test and its responder were made.

function guarded() {
  const registry = createKeyRegistry();
  const tbs = tbsSeeds(issuerId);
  const root = registry.add(spec, spkis.root);
  const ca = registry.add(caSpec, spkis.ca);
  const ocsp = registry.add(ocspSpec, spkis.ocsp);
  const ra = registry.add(raSpec, spkis.rsa);
  const judge = (key: typeof root, type: SignedType, bytes: Uint8Array) =>
    guard(type, { key, keys: registry, tbs: bytes, now: seedNow });
  judge(root, "certificate", tbs.root)();
  judge(root, "certificate", tbs.ca)();
  judge(ca, "certificate", tbs.ra)();
  return { root, ca, ocsp, ra, judge, tbs };
}

let state: ReturnType<typeof guarded> | undefined;
const beneath = /^DNS:(\*\.)?([a-z0-9-]+\.)*example\.test$/;

export const guardTarget: Target = {
  run(input) {
    const { root, ca, ocsp, ra, judge } = (state ??= guarded());
    const may = (key: typeof root, type: SignedType): boolean => {
      try {
        judge(key, type, input);
        return true;
      } catch (error) {
        if (!isFailure(error, "guard_refused") && !isFailure(error, "malformed")) throw error;
        return false;
      }
    };
    for (const key of [root, ca, ocsp]) {
      may(key, "crl");
      may(key, "ocsp");
    }
    holds(!may(root, "certificate") || !may(ca, "certificate"), "both keys sign it");
    holds(!may(ocsp, "certificate"), "a responder's key certifies");
    holds(!may(ra, "certificate") && !may(ra, "ocsp") && !may(ra, "crl"), "an RA's key does another's work");
    holds(!may(ra, "cms") || !may(ra, "cmp"), "one message in two protocols");
    if (!may(ca, "certificate")) return;
    // As a relying party sees what the CA would certify.
    const seen = new X509Certificate(signedFiller(input));
    holds(!seen.ca, "a CA below the issuing CA");
    const names = seen.subjectAltName?.split(", ") ?? [];
    holds(
      names.every((name) => beneath.test(name)),
      `names outside the key's: ${names.join(", ")}`,
    );
    holds(Date.parse(seen.validTo) - Date.parse(seen.validFrom) <= 90 * 86_400_000, "valid for too long");
    holds(seen.checkIssued(new X509Certificate(signedFiller(tbsSeeds(issuerId).ca))), "another issuer");
  },
  refusals: ["guard_refused", "malformed"],
  format: "der",
  seeds: () => {
    const { root: _, ...tbs } = tbsSeeds(issuerId);
    return [
      ...Object.values(tbs),
      ...Object.values(crlSeeds()),
      ...ocspDataSeeds().slice(0, 4),
      keyIdentifier(spkis.ca),
      ...certRepSeeds(),
      ...cmpResponseSeeds(),
    ];
  },
};

// Files.

const link = (previous: string, text: string): string => sha256Hex(`trstctl/journal/1\n${previous}\n${text}`);

/** Lines with the hashes that fit, as somebody writes them who has the file. */
function chained(texts: readonly string[]): string {
  let hash = "";
  return texts
    .map((text) => {
      hash = link(hash, text);
      return `${hash}${text}\n`;
    })
    .join("");
}

/** A line that begins with `!` is taken as it is, others get the hash that fits. */
export const journal: Target = {
  async run(input) {
    const path = join(scratch(), "journal");
    const lines = Buffer.from(input).toString("utf8").split("\n");
    const text = lines[0]?.startsWith("!") === true ? lines.join("\n").slice(1) : chained(lines.filter(Boolean));
    writeFileSync(path, text, { mode: 0o600 });
    const opened: Journal[] = [];
    try {
      const open = async (onRecord: Parameters<typeof openJournal>[1]): Promise<Journal> => {
        const one = await openJournal(path, onRecord);
        opened.push(one);
        return one;
      };
      const service = await createSignerService({ keys, clock, openJournal: open });
      holds(Array.isArray(await service.journal("acme", 0, 10)), "journal");
    } finally {
      for (const one of opened) await one.close();
    }
  },
  refusals: ["corrupt"],
  maxBytes: 3_000,
  seeds: () => {
    const entry = { time: seedNow, tenant: "acme", opId: "op-1" };
    const generate = (one: KeySpec, spki: Uint8Array) =>
      JSON.stringify({ ...entry, op: "generate", handle: one.handle, type: "key", spec: one, spki: base64(spki) });
    const sign = JSON.stringify({
      ...entry,
      op: "sign",
      handle: "root",
      type: "certificate",
      requestHash: "00",
      tbs: base64(tbsSeeds().root),
      signature: base64(new Uint8Array(8)),
    });
    const refuse = JSON.stringify({
      ...entry,
      op: "refuse",
      handle: "root",
      type: "key",
      reason: "above its rate",
      count: 3,
    });
    const texts = [generate(spec, spkis.root), sign, refuse];
    return [
      texts.join("\n"),
      texts.slice(0, 1).join("\n"),
      `!${chained(texts)}`,
      `!${chained(texts).slice(0, -30)}`,
      "",
    ].map(utf8);
  },
  dictionary: ['"op":"sign"', '"op":"generate"', '"type":"crl"', '"tbs":"', "null", "{}", "[]", "\n", "!"],
};

/** Of a P-256 key that signs nothing, under this KEK. */
const keyFileSeed =
  '{"format":"trstctl-key/1","kek":"0e8a43c6cf3d0746","spec":{"tenant":"acme","handle":"root","algorithm":"P-256","purpose":"root-ca","limits":{"revocationBaseUrl":"http://r.example.test"}},"dataKey":"udXWA1sHxPofKfF1fclcsXHbd3nc+La9EjLPNKqNhdigRsxEnKHlnznnfrNzHMWiBxXmf3iFARLG3G8Q","privateKey":"jNeSwAQZ9M2yx9sqZs2YdFCwK1hzvUjoUdS3gEPxs8lI0ckQAOZ2BIJ1YVvGVjM+ZzPeXBzPAoZyUNxVIQKelM3Qp1tr2tDGf0WyLQPymjah0AM6a7XgX1Ll5islKjS/LIzJovvrHhMKQbLLboDE33+wq/OfQSnBQGlKpEu1ZMYOlo/kNM+Yk6MCTuhyig6i0cVY8lUNK+jplvRM8iQzG+8ZbClblA=="}';
const kekBytes = new Uint8Array(32).fill(9);
export const keyFile: Target = {
  async run(input) {
    const directory = join(scratch(), "keys");
    mkdirSync(join(directory, "acme"), { recursive: true, mode: 0o700 });
    const path = join(directory, "acme", "root.json");
    writeFileSync(path, input, { mode: 0o600 });
    chmodSync(path, 0o600);
    const store = openKeyStore(directory, new SecretBytes(kekBytes.slice()));
    await store.load({ spec, spki: new Uint8Array() });
  },
  refusals: ["corrupt", "misconfigured"],
  format: "json",
  seeds: () => [utf8(keyFileSeed)],
  dictionary: ["trstctl-key/1", "kek", "spec", "limits", "dataKey", "privateKey", "tenant"],
};
