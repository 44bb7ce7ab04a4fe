/** CMP messages and what is in them. */
import { readDer } from "#shared/pki/der/reader";
import { type BodyType, bodyTypeNames } from "#shared/pki/cmp/body-type";
import { parseCertRep, certRepDer } from "#shared/pki/cmp/cert-response";
import { parseCertReqMessages } from "#shared/pki/cmp/cert-request";
import { crmfCertIdDer, parseCrmfCertId } from "#shared/pki/cmp/cert-id";
import { parseCertConfirm } from "#shared/pki/cmp/confirmation";
import { parseInfoTypes } from "#shared/pki/cmp/info-type";
import { macAlgorithmDer, macBounds, parseMacAlgorithm } from "#shared/pki/cmp/mac-algorithm";
import { messageDer, parseMessage, parseMessageNode, type PkiMessage } from "#shared/pki/cmp/message";
import { parsePollReq } from "#shared/pki/cmp/polling";
import { parseRevReq } from "#shared/pki/cmp/revocation";
import { parseErrorContent } from "#shared/pki/cmp/status";
import type { DerNode } from "#shared/pki/der/reader";
import { opensslMessage, opensslMessages } from "#test/cmp/openssl-messages";
import type { Exchange } from "#functions/cmp/exchange";
import { bodies } from "#functions/cmp/bodies/registry";
import { followsAnswer } from "#functions/cmp/header-rules";
import { readPath } from "#functions/cmp/path";
import { base64, hex } from "#shared/kernel/bytes";
import { failureCodes } from "#shared/kernel/failure";
import { asn1jsReads } from "../reference.ts";
import { signedFiller, tbsSeeds } from "../seeds/x509.ts";
import { emptyHouse } from "./wire.ts";
import { holds, same, type Target } from "../target.ts";

const contents: Partial<Readonly<Record<BodyType, (node: DerNode) => unknown>>> = {
  ir: parseCertReqMessages,
  cr: parseCertReqMessages,
  kur: parseCertReqMessages,
  rr: parseRevReq,
  certConf: parseCertConfirm,
  pollReq: parsePollReq,
  genm: (node) => parseInfoTypes(node, "GenMsgContent"),
  error: parseErrorContent,
  nested: (node) => node.children().map(parseMessageNode),
  ip: ({ raw }) => reread(raw),
  cp: ({ raw }) => reread(raw),
};

/** What was understood, written again, is understood as the same. */
function reread(der: Uint8Array): void {
  const parsed = parseCertRep(der);
  const again = certRepDer(parsed);
  same(certRepDer(parseCertRep(again)), again, "CertRepMessage");
}

function checkProtection({ header }: PkiMessage): void {
  const algorithm = header.protectionAlg && parseMacAlgorithm(header.protectionAlg);
  if (algorithm === undefined) return;
  const bounds = macBounds.iterations[algorithm.type];
  holds(algorithm.iterations <= bounds.most && algorithm.salt.length <= macBounds.salt.most, "unbounded work");
  const der = macAlgorithmDer(algorithm);
  const again = parseMacAlgorithm(readDer(der));
  if (again !== undefined) same(macAlgorithmDer(again), der, "MacAlgorithm");
}

export const message: Target = {
  run(input) {
    const parsed = parseMessage(input);
    same(parsed.der, input, "der");
    asn1jsReads(input);
    holds(bodyTypeNames.includes(parsed.type), "a body that is none");
    const part = readDer(parsed.protectedPart, { maxBytes: 300_000, maxDepth: 30, maxElements: 20_000 }).children();
    const [header, body] = part.map(({ raw }) => raw);
    if (header === undefined || body === undefined) return holds(false, "ProtectedPart of two members");
    const { protection, extraCerts } = parsed;
    const again = messageDer({ header, body, protection, extraCerts });
    same(parseMessage(again).der, again, "message");
    checkProtection(parsed);
    contents[parsed.type]?.(parsed.content);
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => opensslMessages.map(opensslMessage),
  maxBytes: 8_192,
};

export const certId: Target = {
  run(input) {
    const parsed = parseCrmfCertId(readDer(input));
    const again = parseCrmfCertId(readDer(crmfCertIdDer(parsed)));
    holds(again.serialHex === parsed.serialHex, "serial number");
    same(again.issuer, parsed.issuer, "issuer");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => [crmfCertIdDer({ issuer: Uint8Array.of(0x30, 0), serialHex: "0102" })],
};

const reported: unknown[] = [];

/** Authenticated messages, in a house that knows nobody: refused in words, or answered. */
export const handlers: Target = {
  async run(input) {
    const parsed = parseMessage(input);
    const handle = bodies[parsed.type];
    if (handle === undefined) return;
    const transaction = {
      stage: "waiting",
      digest: "",
      nonces: [hex(parsed.header.recipNonce ?? input)],
      certReqId: 0,
    };
    const shortLived = {
      get: () => Promise.resolve(followsAnswer(parsed.type) ? JSON.stringify(transaction) : undefined),
      take: () => Promise.resolve(undefined),
      put: () => Promise.resolve(true),
    };
    const requester = {
      by: "secret",
      subject: "cmp:credential/x",
      credential: { id: "x", state: { names: [], endpoint: "plant" } },
    };
    const reply = await handle({
      deps: { ...emptyHouse(reported), shortLived },
      endpoint: { tenant: "acme", label: "plant", state: { profile: "default", approval: "automatic", issuer: null } },
      issuer: { id: "a".repeat(20), state: issuerState() },
      message: parsed,
      requester,
      nonce: new Uint8Array(16),
      trace: "0",
      deadlines: { expect: () => 0, settled: () => undefined },
    } as unknown as Exchange);
    readDer(reply.content);
  },
  refusals: [...failureCodes],
  format: "der",
  seeds: () => opensslMessages.map(opensslMessage),
  maxBytes: 8_192,
};

let state: object | undefined;
const issuerState = (): object =>
  (state ??= {
    certificate: base64(signedFiller(tbsSeeds()["ca"] ?? new Uint8Array())),
    signature_algorithm: "ecdsa-with-SHA256",
    revocation_base_url: "http://r.example.test",
  });

export const path: Target = {
  run(input) {
    const text = String.fromCharCode(...input);
    const { label, operation } = readPath(text);
    const rest = text.slice("/.well-known/cmp".length);
    holds(label === undefined ? !rest.startsWith("/p/") : rest.startsWith(`/p/${label}`), "another label");
    holds(operation === undefined || operation.types.length > 0, "an operation without messages");
  },
  refusals: ["not_found"],
  seeds: () =>
    ["", "/pkcs10", "/p/plant", "/p/plant/initialization", "/p/plant/getcacerts"].map((end) =>
      new TextEncoder().encode(`/.well-known/cmp${end}`),
    ),
};
