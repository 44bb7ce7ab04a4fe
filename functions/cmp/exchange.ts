/** What the handlers of bodies work with, and what they give back. */
import type { Decision } from "#shared/http/protocol-requests";
import type { PkiMessage } from "#shared/pki/cmp/message";
import type { BodyType } from "#shared/pki/cmp/body-type";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { Present } from "#shared/usecases/load";
import type { BoundDeps } from "../function.ts";
import type { Requester } from "./requester.ts";

export interface Exchange {
  readonly deps: BoundDeps;
  readonly endpoint: Endpoint;
  /** The CA that the endpoint issues from. */
  readonly issuer: Present<"issuer">;
  readonly message: PkiMessage;
  readonly requester: Requester;
  /** senderNonce of the answer, 16 octets. */
  readonly nonce: Uint8Array;
  readonly trace: string;
}

export interface Reply {
  readonly type: BodyType;
  /** DER of the alternative. */
  readonly content: Uint8Array;
  readonly decision: Decision;
  /** For the header: encoded InfoTypeAndValues. */
  readonly generalInfo?: readonly Uint8Array[];
}

export type Handler = (exchange: Exchange) => Promise<Reply>;
