/** What the bench and its load generator say to each other. */

/** Where requests go. */
export interface Target {
  readonly protocol: "https" | "http";
  readonly port: number;
  /** PEM; with https. */
  readonly ca?: string;
}

/** What is asked; each kind makes distinct requests and knows a right answer. */
export type Requests =
  | { readonly kind: "issue"; readonly token: string }
  /** EST simpleenroll under HTTP Basic: `authorization` is the header's value. */
  | { readonly kind: "est"; readonly path: string; readonly authorization: string }
  /** p10cr under the MAC of an enrolment credential. */
  | { readonly kind: "cmp"; readonly path: string; readonly reference: string; readonly secret: string }
  /** PKCSReq to an RA certificate (DER, base64). */
  | { readonly kind: "scep"; readonly path: string; readonly ra: string; readonly challenge: string }
  /** A page of the certificates by expiry, each from another place; `cursors` as the API gives them. */
  | { readonly kind: "list"; readonly token: string; readonly limit: number; readonly cursors: readonly string[] }
  /** POST with a nonce of its own each time. */
  | { readonly kind: "ocsp-nonce"; readonly path: string; readonly certIds: readonly string[] }
  /** GET, so that the answer may come from the cache. `certIds`: DER, base64. */
  | { readonly kind: "ocsp-get"; readonly path: string; readonly certIds: readonly string[] };

export interface Job {
  readonly target: Target;
  readonly requests: Requests;
  readonly count: number;
  readonly inFlight: number;
}

export interface Outcome {
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the generator itself, in that time. */
  readonly clientCpuSeconds: number;
}

/** Closed: so many in flight; open: so many a second. `messages` are made beforehand; what is refused is sent again. */
export type Stream = { readonly token: string; readonly messages: number } & (
  | { readonly inFlight: number }
  | { readonly rate: number }
);

export interface FloodJob {
  readonly target: Target;
  readonly seconds: number;
  readonly streams: readonly Stream[];
}

export interface StreamOutcome {
  readonly sent: number;
  readonly issued: number;
  /** 429 and 503, each with Retry-After. */
  readonly refused: number;
  /** Of what was issued, from the moment that it was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface FloodOutcome {
  /** In the order of the job's. */
  readonly streams: readonly StreamOutcome[];
  readonly clientCpuSeconds: number;
}

export type ToGenerator = { readonly prepare: Job } | { readonly flood: FloodJob } | "run";
export type FromGenerator =
  | "prepared"
  | { readonly ran: Outcome }
  | { readonly flooded: FloodOutcome }
  | { readonly failed: string };
