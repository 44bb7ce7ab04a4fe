/** As little of an ACME client (RFC 8555) as a throughput needs: one account, one keep-alive connection, one request at a time. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Connection, openConnection } from "../load/connection.ts";
import type { Target } from "../load/protocol.ts";

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

interface Authorization {
  readonly status: string;
  readonly challenges: readonly { readonly type: string; readonly url: string; readonly token: string }[];
}

interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: unknown;
}

/** Shows `keyAuthorization` at the token's well-known URL of every name (RFC 8555 8.3). */
export type Show = (token: string, keyAuthorization: string) => void;

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64url");

export class AcmeClient {
  readonly #connection: Connection;
  readonly #show: Show;
  readonly #host: string;
  readonly #key: KeyObject;
  readonly #jwk: Readonly<Record<string, string>>;
  #directory: Readonly<Record<string, string>> = {};
  #account: string | undefined;
  #nonce = "";

  private constructor(connection: Connection, host: string, show: Show) {
    this.#connection = connection;
    this.#host = host;
    this.#show = show;
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    const { crv = "", kty = "", x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#jwk = { crv, kty, x, y }; // in the order of RFC 7638
  }

  /** With a new account. */
  static async register(target: Target, directory: string, show: Show): Promise<AcmeClient> {
    const client = new AcmeClient(await openConnection(target), new URL(directory).host, show);
    client.#directory = JSON.parse((await client.#send("GET", directory)).text) as Record<string, string>;
    await client.#send("GET", client.#directory["newNonce"] ?? "");
    const { location } = await client.#post(client.#directory["newAccount"] ?? "", { termsOfServiceAgreed: true });
    client.#account = location;
    return client;
  }

  /**
   * Order, authorization where the server wants one, finalize, download.
   * @param csr DER of a request for `name` alone
   * @returns the chain, PEM
   */
  async enrol(name: string, csr: Uint8Array): Promise<string> {
    const created = await this.#post(this.#directory["newOrder"] ?? "", {
      identifiers: [{ type: "dns", value: name }],
    });
    let order = JSON.parse(created.text) as Order;
    if (order.status === "pending") {
      for (const url of order.authorizations) await this.#authorize(url);
      order = await this.#until<Order>(created.location, ({ status }) => status !== "pending");
    }
    order = JSON.parse((await this.#post(order.finalize, { csr: base64url(csr) })).text) as Order;
    if (order.certificate === undefined)
      order = await this.#until<Order>(created.location, ({ status }) => status === "valid" || status === "invalid");
    if (order.certificate === undefined) throw new Error(`the order ended as ${JSON.stringify(order)}`);
    const { text } = await this.#post(order.certificate);
    if (!text.startsWith("-----BEGIN CERTIFICATE-----")) throw new Error(`no certificate: ${text.slice(0, 200)}`);
    return text;
  }

  close(): void {
    this.#connection.close();
  }

  async #authorize(url: string): Promise<void> {
    const authorization = JSON.parse((await this.#post(url)).text) as Authorization;
    if (authorization.status === "valid") return;
    const challenge = authorization.challenges.find(({ type }) => type === "http-01");
    if (challenge === undefined) throw new Error("http-01 is not offered");
    const thumbprint = createHash("sha256").update(JSON.stringify(this.#jwk)).digest("base64url");
    this.#show(challenge.token, `${challenge.token}.${thumbprint}`);
    await this.#post(challenge.url, {});
    const done = await this.#until<Authorization>(url, ({ status }) => status !== "pending");
    if (done.status !== "valid") throw new Error(`the authorization ended as ${JSON.stringify(done)}`);
  }

  async #until<T>(url: string, is: (resource: T) => boolean): Promise<T> {
    for (let tries = 0; tries < 500; tries++) {
      const resource = JSON.parse((await this.#post(url)).text) as T;
      if (is(resource)) return resource;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${url} does not come to an end`);
  }

  /** Without a payload: POST-as-GET (RFC 8555 6.3). */
  async #post(url: string, payload?: object): Promise<Answer> {
    const who = this.#account === undefined ? { jwk: this.#jwk } : { kid: this.#account };
    const header = base64url(JSON.stringify({ alg: "ES256", nonce: this.#nonce, url, ...who }));
    const body = payload === undefined ? "" : base64url(JSON.stringify(payload));
    const signed = Buffer.from(`${header}.${body}`);
    const signature = base64url(sign("sha256", signed, { key: this.#key, dsaEncoding: "ieee-p1363" }));
    return this.#send("POST", url, JSON.stringify({ protected: header, payload: body, signature }));
  }

  async #send(method: string, url: string, body?: string): Promise<Answer> {
    const path = url.slice(url.indexOf("/", url.indexOf("://") + 3));
    const content =
      body === undefined ? "" : `content-type: application/jose+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    const message = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\nuser-agent: bench\r\n${content}\r\n${body ?? ""}`;
    const { status, fields, body: answer } = await this.#connection.exchange(Buffer.from(message));
    if (status >= 300) throw new Error(`${method} ${url}: ${status} ${answer.toString().slice(0, 500)}`);
    this.#nonce = field(fields, "replay-nonce") || this.#nonce;
    return { status, location: field(fields, "location"), text: answer.toString() };
  }
}

const field = (fields: string, name: string): string =>
  new RegExp(`\\r\\n${name}: *([^\\r]*)`, "i").exec(fields)?.[1] ?? "";
