/** A client of our own for requests that no stock client sends: every part of a JWS can be made wrong. */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import type { Json } from "#test/e2e/host";
import type { Ca } from "./world.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly json: Json;
}

export interface Signer {
  readonly alg: string;
  readonly jwk: Readonly<Record<string, unknown>>;
  sign(data: string): Buffer;
}

const base64url = (data: string | Buffer): string => Buffer.from(data).toString("base64url");

export function newSigner(kind: "P-256" | "RSA" = "P-256"): Signer {
  const { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } =
    kind === "RSA"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    alg: kind === "RSA" ? "RS256" : "ES256",
    jwk: publicKey.export({ format: "jwk" }) as Record<string, unknown>,
    sign: (data) =>
      sign("sha256", Buffer.from(data), kind === "RSA" ? privateKey : { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** RFC 7638. */
export function thumbprint({ jwk }: Signer): string {
  const members = Object.entries(jwk).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest("base64url");
}

export const dnsValue = (token: string, signer: Signer): string =>
  createHash("sha256")
    .update(`${token}.${thumbprint(signer)}`)
    .digest("base64url");

/** External account binding (RFC 8555 7.3.4). */
export function binding(signer: Signer, url: string, kid: string, hmac: string): object {
  const [head, payload] = [{ alg: "HS256", kid, url }, signer.jwk].map((part) => base64url(JSON.stringify(part)));
  const signature = createHmac("sha256", Buffer.from(hmac, "base64url"))
    .update(`${head}.${payload}`)
    .digest("base64url");
  return { protected: head, payload, signature };
}

export interface PostOptions {
  readonly signer?: Signer;
  /** Instead of, or beside, what belongs there. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Leaves kid or jwk out. */
  readonly identify?: "kid" | "jwk" | "neither" | "both";
  readonly contentType?: string;
  /** Of the flattened JWS, before it goes out. */
  readonly change?: (jws: Record<string, unknown>) => unknown;
}

export class AcmeClient {
  readonly #ca: string;
  readonly #directory: string;
  #urls: Json;
  #nonce: string | undefined;
  signer = newSigner();
  /** URL of the account. */
  kid = "";

  constructor({ directory, roots }: Ca) {
    this.#directory = directory;
    this.#ca = readFileSync(roots, "utf8");
  }

  send(method: string, url: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, ca: this.#ca, headers, agent: false }, (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (part: string) => (text += part));
        incoming.on("end", () => {
          const fresh = incoming.headers["replay-nonce"];
          if (typeof fresh === "string") this.#nonce = fresh;
          let json: Json;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  /** The resource's URL, as the directory has it. */
  async url(resource: string): Promise<string> {
    this.#urls ??= (await this.send("GET", this.#directory)).json;
    return this.#urls[resource] as string;
  }

  async nonce(): Promise<string> {
    if (this.#nonce === undefined) await this.send("HEAD", await this.url("newNonce"));
    const nonce = this.#nonce ?? "";
    this.#nonce = undefined;
    return nonce;
  }

  /** The flattened JWS (RFC 8555 6.2). @param payload undefined: POST-as-GET */
  jws(url: string, payload: unknown, nonce: string | undefined, options: PostOptions): Record<string, unknown> {
    const { signer = this.signer, header = {}, identify = this.kid === "" ? "jwk" : "kid" } = options;
    const head = {
      alg: signer.alg,
      ...(nonce !== undefined && { nonce }),
      url,
      ...((identify === "kid" || identify === "both") && { kid: this.kid }),
      ...((identify === "jwk" || identify === "both") && { jwk: signer.jwk }),
      ...header,
    };
    const [protectedHead, body] = [JSON.stringify(head), payload === undefined ? "" : JSON.stringify(payload)].map(
      (part) => base64url(part),
    );
    return { protected: protectedHead, payload: body, signature: base64url(signer.sign(`${protectedHead}.${body}`)) };
  }

  async post(url: string, payload?: unknown, options: PostOptions = {}): Promise<Reply> {
    const jws = this.jws(url, payload, await this.nonce(), options);
    const body = JSON.stringify(options.change === undefined ? jws : options.change(jws));
    return this.send("POST", url, { "content-type": options.contentType ?? "application/jose+json" }, body);
  }

  async postTo(resource: string, payload?: unknown, options?: PostOptions): Promise<Reply> {
    return this.post(await this.url(resource), payload, options);
  }

  /** @throws Error when there is none */
  async register(more: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    const reply = await this.postTo("newAccount", { termsOfServiceAgreed: true, ...more });
    if (reply.status !== 201) throw new Error(`newAccount: ${reply.status} ${reply.text}`);
    this.kid = String(reply.headers.location);
    return reply;
  }

  /** Asks until it is neither pending nor processing. */
  async settled(url: string): Promise<Json> {
    for (let tries = 0; tries < 200; tries++) {
      const { json } = await this.post(url);
      if (json.status !== "processing" && json.status !== "pending") return json;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${url} stays as it is`);
  }
}
