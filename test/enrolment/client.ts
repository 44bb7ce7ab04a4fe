/** What the tests of the rules that all enrolment protocols share know of a protocol: how a client of it asks. */

export interface Secret {
  readonly id: string;
  readonly secret: string;
}

export interface Ask {
  /** Undefined: the paths without a label. */
  readonly label: string | undefined;
  /** Undefined: the client shows nothing. */
  readonly credential: Secret | undefined;
  /** The one DNS name that it wants. */
  readonly name: string;
}

export type Outcome =
  /** DER. */
  | { readonly issued: Uint8Array }
  | { readonly pending: true }
  /** In the protocol's own form; here as text, for the message of a test. */
  | { readonly refused: string };

/** A request that was made once, and may be sent again as it is. */
export interface Request {
  send(): Promise<Outcome>;
}

/** A request of its own, with a new key, each time. */
export type ProtocolClient = (host: Host, ask: Ask) => Promise<Request>;

export interface Host {
  /** The functions of the registry, each behind its own paths; `Host` is set where it is not given. */
  fetch(request: globalThis.Request): Promise<Response>;
  readonly now: () => number;
}

export const origin = "https://localhost:8443";
