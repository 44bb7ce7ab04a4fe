import type { PkiMessage } from "#shared/pki/scep/pki-message";
import type { Present } from "#shared/usecases/load";
import type { Exchange } from "./exchange.ts";

/** A message whose signature is verified, opened. */
export interface Received extends Exchange {
  /** The CA behind the endpoint. */
  readonly issuer: Present<"issuer">;
  readonly message: PkiMessage;
  /** What the envelope held: believe nothing of it yet. */
  readonly content: Uint8Array;
}

/** @returns degenerate SignedData for the client, DER; undefined: it shall ask again later */
export type Handler = (received: Received) => Promise<Uint8Array | undefined>;
