/** A small ACME client of our own (RFC 8555), for what no stock client does: every header and payload can be wrong. */
import { generateKeyPairSync, createHash, type KeyObject, sign } from "node:crypto";
import { base64url, utf8 } from "#shared/kernel/bytes";

const algorithms = {
  ES256: { type: "ec", options: { namedCurve: "P-256" }, hash: "sha256" },
  ES384: { type: "ec", options: { namedCurve: "P-384" }, hash: "sha384" },
  ES512: { type: "ec", options: { namedCurve: "P-521" }, hash: "sha512" },
  RS256: { type: "rsa", options: { modulusLength: 2048 }, hash: "sha256" },
  EdDSA: { type: "ed25519", options: {}, hash: null },
  "ML-DSA-44": { type: "ml-dsa-44", options: {}, hash: null },
  "ML-DSA-65": { type: "ml-dsa-65", options: {}, hash: null },
  "ML-DSA-87": { type: "ml-dsa-87", options: {}, hash: null },
} as const;
export type ClientAlgorithm = keyof typeof algorithms;
export const clientAlgorithms = Object.keys(algorithms) as ClientAlgorithm[];

export interface ClientKey {
  readonly alg: string;
  readonly hash: string | null;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function newKey(alg: ClientAlgorithm = "ES256", options?: object): ClientKey {
  const { type, options: usual, hash } = algorithms[alg];
  const { publicKey, privateKey } = generateKeyPairSync(type as "rsa", (options ?? usual) as { modulusLength: number });
  return { alg, hash, publicKey, privateKey, jwk: publicKey.export({ format: "jwk" }) as Record<string, unknown> };
}

/** RFC 7638. */
export function thumbprint({ jwk }: ClientKey): string {
  const members = Object.keys(jwk).filter((name) => ["alg", "crv", "e", "kty", "n", "pub", "x", "y"].includes(name));
  const text = JSON.stringify(Object.fromEntries(members.toSorted().map((name) => [name, jwk[name]])));
  return createHash("sha256").update(text).digest("base64url");
}

const json = (value: unknown): string => base64url(utf8(JSON.stringify(value)));

/** @param payload undefined: POST-as-GET */
export function jwsOf(key: ClientKey, header: object, payload: unknown) {
  const protectedText = json({ alg: key.alg, ...header });
  const payloadText = payload === undefined ? "" : json(payload);
  const data = utf8(`${protectedText}.${payloadText}`);
  const signature = sign(key.hash, data, { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return { protected: protectedText, payload: payloadText, signature: signature.toString("base64url") };
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, when it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: Readonly<Record<string, any>>;
}

export type Fetch = (request: Request) => Promise<Response>;

interface Sending {
  /** Replaces or adds members of the protected header; undefined takes one away. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: ClientKey;
  /** Signed by the key that names itself. */
  readonly byKey?: boolean;
  readonly contentType?: string;
  /** How often a badNonce is answered with the fresh one, as RFC 8555 6.5 wants it. */
  readonly retries?: number;
  /** Sent as it is, instead of a JWS. */
  readonly raw?: string;
  readonly nonce?: string;
}

export async function newClient(fetch: Fetch, directoryUrl: string, alg: ClientAlgorithm = "ES256") {
  let nonce: string | undefined;
  const state: { key: ClientKey; kid: string | undefined } = { key: newKey(alg), kid: undefined };

  async function ask(method: string, url: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(
      new Request(url, { method, ...init, headers: { host: new URL(url).host, ...(init.headers as object) } }),
    );
    nonce = response.headers.get("replay-nonce") ?? nonce;
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  const directory = (await ask("GET", directoryUrl)).body;

  async function freshNonce(): Promise<string> {
    const reply = await ask("HEAD", directory["newNonce"] as string);
    return reply.headers.get("replay-nonce") ?? "";
  }

  async function post(url: string, payload?: unknown, sending: Sending = {}): Promise<Reply> {
    const { key = state.key, byKey = false, contentType = "application/jose+json", raw } = sending;
    // One that was given out before a clock was moved is answered with a fresh one.
    const retries = sending.retries ?? (sending.nonce === undefined ? 1 : 0);
    const used = sending.nonce ?? nonce ?? (await freshNonce());
    nonce = undefined;
    const who = byKey || state.kid === undefined ? { jwk: key.jwk } : { kid: state.kid };
    const body = raw ?? JSON.stringify(jwsOf(key, { nonce: used, url, ...who, ...sending.header }, payload));
    const reply = await ask("POST", url, { body, headers: { "content-type": contentType } });
    return reply.body["type"] === "urn:ietf:params:acme:error:badNonce" && retries > 0
      ? post(url, payload, { ...sending, retries: retries - 1 })
      : reply;
  }

  return {
    directory,
    state,
    ask,
    post,
    freshNonce,
    newNonce: () => nonce,
    async register(payload: object = { termsOfServiceAgreed: true }, sending: Sending = {}): Promise<Reply> {
      const reply = await post(directory["newAccount"] as string, payload, { byKey: true, ...sending });
      if (reply.status === 200 || reply.status === 201) state.kid = reply.headers.get("location") ?? undefined;
      return reply;
    },
    order: (names: readonly string[], more: object = {}, sending: Sending = {}) =>
      post(directory["newOrder"] as string, { identifiers: names.map(identifier), ...more }, sending),
    keyAuthorization: (token: string) => `${token}.${thumbprint(state.key)}`,
  };
}

export type Client = Awaited<ReturnType<typeof newClient>>;

const identifier = (value: string) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value });
