/** OCSP responses, built (RFC 6960 4.2). Reading: `ocsp-values.ts`. */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import {
  bitString,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  implicitConstructed,
  octetString,
  oid,
  sequence,
  sequenceOf,
} from "./der/writer.ts";
import { extension } from "./extensions.ts";
import type { CertId } from "./ocsp-cert-id.ts";
import { oids } from "./oids.ts";
import { type ReasonName, reasonCodes } from "./reason.ts";
import { algorithmIdentifier } from "./signature-algorithm.ts";

export type CertStatus =
  | { readonly type: "good" }
  | { readonly type: "unknown" }
  | { readonly type: "revoked"; readonly atMs: number; readonly reason: ReasonName };

export interface SingleResponse {
  readonly certId: CertId;
  readonly status: CertStatus;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

export interface ResponseDataSpec {
  /** SHA-1 of the responder's key bits: `keyIdentifier(spki)`. */
  readonly responderKeyHash: Uint8Array;
  readonly producedAtMs: number;
  readonly responses: readonly SingleResponse[];
  readonly nonce?: Uint8Array;
}

const none = new Uint8Array(0);
const good = implicit(0, none);
const unknown = implicit(2, none);

function statusDer(status: CertStatus): Uint8Array {
  if (status.type === "good") return good;
  if (status.type === "unknown") return unknown;
  const at = generalizedTime(status.atMs);
  if (status.reason === "unspecified") return implicitConstructed(1, at);
  return implicitConstructed(1, at, explicit(0, enumerated(reasonCodes[status.reason])));
}

const singleDer = (response: SingleResponse): Uint8Array =>
  sequence(
    response.certId.der,
    statusDer(response.status),
    generalizedTime(response.thisUpdateMs),
    explicit(0, generalizedTime(response.nextUpdateMs)),
  );

const nonceDer = (nonce: Uint8Array): Uint8Array =>
  explicit(1, sequence(extension(oids.ocspNonce, false, octetString(nonce))));

/** ResponseData, DER: what is signed. */
export function buildTbsResponseData(spec: ResponseDataSpec): Uint8Array {
  if (spec.responses.length === 0) throw new TypeError("buildTbsResponseData: at least one response");
  return sequence(
    explicit(2, octetString(spec.responderKeyHash)),
    generalizedTime(spec.producedAtMs),
    sequenceOf(spec.responses.map(singleDer)),
    spec.nonce === undefined ? none : nonceDer(spec.nonce),
  );
}

/** OCSPResponse `successful` with its BasicOCSPResponse. */
export function assembleBasicResponse(
  tbs: Uint8Array,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
  certificateDers: readonly Uint8Array[],
): Uint8Array {
  const certificates = certificateDers.length === 0 ? none : explicit(0, sequenceOf(certificateDers));
  const basic = sequence(tbs, algorithmIdentifier(algorithm), bitString(signature), certificates);
  return sequence(enumerated(0), explicit(0, sequence(oid(oids.ocspBasic), octetString(basic))));
}

export const ocspStatusCodes = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;

export type OcspResponseStatus = keyof typeof ocspStatusCodes;

/** OCSPResponse without a body. */
export const ocspErrorResponse = (status: Exclude<OcspResponseStatus, "successful">): Uint8Array =>
  sequence(enumerated(ocspStatusCodes[status]));
