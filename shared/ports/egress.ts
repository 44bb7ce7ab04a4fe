/**
 * Every connection to the outside (I11). The name is resolved once, each address is judged, and the connection goes to
 * the address that passed, so no second look-up can answer otherwise (DNS rebinding). Public unicast addresses are open;
 * others need both the operator's list and `privateNetworks`; link-local, multicast and metadata addresses are never
 * reached. A redirect is a new destination and is judged anew. Time and size are capped. Nothing is retried.
 */

/** Why nothing came: `response` is what was sent, when that breaks a limit or the protocol; `busy` is our own bulkhead. */
export interface Unreached {
  readonly reached: false;
  readonly why: "refused" | "dns" | "connection" | "tls" | "response" | "busy";
  /** For the person who set up the other end; names address and port. */
  readonly detail: string;
}

interface Destination {
  /** The endpoint's opt-in to the private networks that the operator lists. */
  readonly privateNetworks: boolean;
  /** For everything, redirects included. */
  readonly timeoutMs: number;
}

export interface GetOptions extends Destination {
  /** The only ports for each scheme, redirects included. */
  readonly ports: { readonly http: readonly number[]; readonly https: readonly number[] };
  /** Of the body. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
  /** Do not ask who the server is: only where the answer itself is what proves something. */
  readonly anyCertificate: boolean;
}

export interface Fetched {
  readonly reached: true;
  readonly status: number;
  readonly body: Uint8Array;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly address: string;
}

export interface SendOptions extends Pick<GetOptions, "ports" | "maxBytes" | "timeoutMs" | "privateNetworks"> {
  readonly method: "GET" | "POST";
  /** Lower-case names; beside them what HTTP itself needs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Certificates, PEM, that alone vouch for the server; undefined: those that the platform trusts. */
  readonly authorities?: string | undefined;
}

export interface Sent {
  readonly reached: true;
  readonly status: number;
  /** Lower-case names; of those that came more than once the values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly address: string;
}

export interface HandshakeOptions extends Destination {
  /** A DNS name or an address. */
  readonly host: string;
  readonly port: number;
  /** Server Name Indication, lower case. */
  readonly serverName: string;
  /** The only protocol that is offered (RFC 7301). */
  readonly alpn: string;
}

export interface Handshake {
  readonly reached: true;
  /** What the server chose. */
  readonly alpn: string | undefined;
  /** DER of the leaf, whoever signed it; that the server has its key is shown. */
  readonly certificate: Uint8Array;
  readonly address: string;
}

export interface Egress {
  get(url: string, options: GetOptions): Promise<Fetched | Unreached>;
  /** One request as it is written, to a server that must show who it is; an answer that redirects is the answer. */
  send(url: string, options: SendOptions): Promise<Sent | Unreached>;
  /** TLS 1.2 or newer up to the end of the handshake; no octet of application data is sent or read. */
  handshake(options: HandshakeOptions): Promise<Handshake | Unreached>;
}
