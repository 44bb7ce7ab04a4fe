/** A house that serves CMP, and a client that takes no answer whose header or protection is not as it must be. */
import { createHash, randomBytes } from "node:crypto";
import { createCmp } from "#functions/cmp/app";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { createPool } from "#shared/http/pool";
import { sameBytes, utf8 } from "#shared/kernel/bytes";
import { verifySignature } from "#shared/crypto/signature";
import { parseCertificate } from "#shared/pki/certificate";
import { type CertRepMessage, parseCertRep } from "#shared/pki/cmp/cert-response";
import { deriveMacKey, verifyMac } from "#shared/pki/cmp/mac";
import { parseMacAlgorithm } from "#shared/pki/cmp/mac-algorithm";
import { parseMessage, type PkiMessage } from "#shared/pki/cmp/message";
import { parseErrorContent, type StatusInfo } from "#shared/pki/cmp/status";
import { parseSignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { createCredential, type CreateEnrolmentCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { adminCall, type House, openHouse } from "#test/in-process/house";
import { certConfirm, type ClientKey, pkiMessage, type Protection, type RequestSpec } from "./request.ts";

export const endpointSettings: EndpointSettings = {
  protocols: ["cmp"],
  issuer: null,
  profile: "default",
  owner: null,
  auth: ["secret", "certificate"],
  approval: "automatic",
  validate_names: false,
  server_keys: false,
  private_networks: false,
  legacy_algorithms: false,
  default: false,
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly request: PkiMessage;
  readonly message: PkiMessage;
}

export interface Peer extends AsyncDisposable {
  readonly house: House;
  readonly tenant: string;
  endpoint(label: string, over?: Partial<EndpointSettings>): Promise<void>;
  /** A credential of the endpoint `plant`. */
  credential(
    over?: Partial<CreateEnrolmentCredential>,
  ): Promise<Exclude<Protection, undefined> & { reference: string }>;
  /** As it came over HTTP. */
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** The answer to bytes. */
  post(der: Uint8Array, path?: string): Promise<Answered>;
  send(spec: RequestSpec, path?: string): Promise<Answered>;
  certificates(): Promise<number>;
}

export async function openPeer(): Promise<Peer> {
  const house = await openHouse(["acme"]);
  const { deps } = house;
  const app = createCmp({ ...deps, pool: createPool(32) });
  const tenant = "acme";
  const origin = { address: "127.0.0.1", certificate: undefined };
  const peer: Peer = {
    house,
    tenant,
    endpoint: (label, over) => createEndpoint(deps, adminCall(tenant), label, { ...endpointSettings, ...over }),
    async credential(over) {
      const expiresAt = new Date(deps.clock.now() + 3600_000).toISOString();
      const command = { endpoint: "plant", names: [], maxUses: null, expiresAt, ...over };
      const { id, secret } = await createCredential(deps, adminCall(tenant), command);
      return { reference: id, secret: utf8(secret) };
    },
    fetch: async (path, init) => {
      const headers = { host: "localhost", "content-type": "application/pkixcmp", ...(init.headers as object) };
      return app.fetch(new Request(`https://localhost${path}`, { method: "POST", ...init, headers }), origin);
    },
    async post(der, path = "/.well-known/cmp/p/plant") {
      const response = await peer.fetch(path, { body: der as Uint8Array<ArrayBuffer> });
      const message = parseMessage(new Uint8Array(await response.arrayBuffer()));
      return { status: response.status, headers: response.headers, request: parseMessage(der), message };
    },
    async send(spec, path) {
      const der = await pkiMessage({ ...spec, header: { messageTimeMs: deps.clock.now(), ...spec.header } });
      const answered = await peer.post(der, path);
      await assertAnswers(answered, spec.protection);
      return answered;
    },
    async certificates() {
      return (await deps.log.list(tenant, "certificate", { limit: 1000 })).items.length;
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
  await peer.endpoint("plant");
  return peer;
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(`the answer is not as RFC 9483 3 has it: ${what}`);
}

async function assertAnswers({ request, message }: Answered, protection: Protection): Promise<void> {
  const { header, protectedPart } = message;
  const same = (a: Uint8Array | undefined, b: Uint8Array | undefined) =>
    a === undefined || b === undefined ? a === b : sameBytes(a, b);
  demand(same(header.transactionId, request.header.transactionId), "transactionID");
  demand(same(header.recipNonce, request.header.senderNonce), "recipNonce");
  demand(sameBytes(header.recipient, request.header.sender), "recipient");
  demand(header.senderNonce?.length === 16 && !same(header.senderNonce, request.header.senderNonce), "senderNonce");
  if (message.protection === undefined) return demand(message.type === "error", "unprotected, and no error");
  if (header.protectionAlg === undefined || protection === undefined) throw new Error("protected for nobody");
  if ("secret" in protection) {
    const algorithm = parseMacAlgorithm(header.protectionAlg);
    if (algorithm === undefined) throw new Error("a MAC is answered by a MAC");
    demand(verifyMac(await deriveMacKey(algorithm, protection.secret), protectedPart, message.protection), "MAC");
    return;
  }
  const ra = parseCertificate(message.extraCerts[0] ?? new Uint8Array());
  const algorithm = parseSignatureAlgorithm(header.protectionAlg);
  const input = { algorithm, spki: ra.spki, data: protectedPart, signature: message.protection };
  demand(await verifySignature(input), "signature");
  demand(header.senderName !== undefined && sameBytes(header.senderName, ra.subjectDer), "sender");
}

/** The CertRepMessage of an answer. */
export const certRep = ({ message }: Answered): CertRepMessage => {
  if (!["ip", "cp", "kup"].includes(message.type))
    throw new Error(`${message.type}: ${JSON.stringify(errorOf({ message }))}`);
  return parseCertRep(message.content.raw);
};

/** The certificate that was given out, DER. */
export function issuedBy(answered: Answered): Uint8Array {
  const [response] = certRep(answered).responses;
  if (response?.certificate === undefined) throw new Error(JSON.stringify(response?.info));
  return response.certificate;
}

export const errorOf = ({ message }: Pick<Answered, "message">): StatusInfo =>
  message.type === "error"
    ? parseErrorContent(message.content)
    : message.type === "rp"
      ? { status: "accepted" }
      : (certRep({ message } as Answered).responses[0]?.info ?? { status: "accepted" });

/** A message that continues the transaction of an answer. */
export const following = ({ request, message }: Answered): NonNullable<RequestSpec["header"]> => ({
  transactionId: request.header.transactionId,
  recipNonce: message.header.senderNonce,
  senderNonce: new Uint8Array(randomBytes(16)),
});

/** certConf for what an answer brought. */
export const confirming = (answered: Answered, protection: Protection, rejected = false): RequestSpec => ({
  type: "certConf",
  content: certConfirm(
    new Uint8Array(createHash("sha256").update(issuedBy(answered)).digest()),
    certRep(answered).responses[0]?.certReqId ?? 0,
    rejected,
  ),
  protection,
  header: following(answered),
});

export const signedBy = (key: ClientKey, certificate: Uint8Array): Protection => ({ key, certificate });
