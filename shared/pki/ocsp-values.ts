/** OCSP responses, read: for the signer's guard, for tests and for clients. */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { DerFields } from "./der/fields.ts";
import {
  type DerLimits,
  type DerNode,
  readBitString,
  readDer,
  readEnumerated,
  readGeneralizedTime,
  readOctetString,
  readOid,
} from "./der/reader.ts";
import { type CertId, parseCertId } from "./ocsp-cert-id.ts";
import { parseNonce } from "./ocsp-request.ts";
import { type CertStatus, type OcspResponseStatus, ocspStatusCodes } from "./ocsp-response.ts";
import { oids } from "./oids.ts";
import { reasonOf } from "./reason.ts";
import { parseSignatureAlgorithm } from "./signature-algorithm.ts";

export interface ResponseData {
  readonly responderKeyHash: Uint8Array;
  readonly producedAtMs: number;
  readonly responses: {
    readonly certId: CertId;
    readonly status: CertStatus;
    readonly thisUpdateMs: number;
    readonly nextUpdateMs: number;
  }[];
  readonly nonce?: Uint8Array;
  readonly tbs: Uint8Array;
}

function parseStatus(node: DerNode): CertStatus {
  if (node.tag === 0x80 && node.length === 0) return { type: "good" };
  if (node.tag === 0x82 && node.length === 0) return { type: "unknown" };
  const fields = new DerFields(node, "certStatus", 0xa1);
  const atMs = readGeneralizedTime(fields.next("revocationTime"), "revocationTime");
  const reason = fields.explicit(0xa0, "revocationReason");
  fields.end();
  if (reason === undefined) return { type: "revoked", atMs, reason: "unspecified" };
  return { type: "revoked", atMs, reason: reasonOf(readEnumerated(reason, "revocationReason", 10), node.field) };
}

function parseSingle(node: DerNode): ResponseData["responses"][number] {
  const fields = new DerFields(node, "SingleResponse");
  const certId = parseCertId(fields.next("certID"));
  const status = parseStatus(fields.next("certStatus"));
  const thisUpdateMs = readGeneralizedTime(fields.next("thisUpdate"), "thisUpdate");
  const next = fields.explicit(0xa0, "nextUpdate") ?? node.fail("SingleResponse: no nextUpdate");
  fields.end();
  return { certId, status, thisUpdateMs, nextUpdateMs: readGeneralizedTime(next, "nextUpdate") };
}

function readResponseData(node: DerNode): ResponseData {
  const fields = new DerFields(node, "ResponseData");
  const responder =
    fields.explicit(0xa2, "responderID.byKey") ?? node.fail("ResponseData: the responder must be named by key");
  const producedAtMs = readGeneralizedTime(fields.next("producedAt"), "producedAt");
  const list = fields.next("responses", 0x30);
  const extensions = fields.explicit(0xa1, "responseExtensions");
  fields.end();
  const responses = list.children().map(parseSingle);
  if (responses.length === 0) list.fail("responses: empty");
  const responderKeyHash = readOctetString(responder, "byKey");
  if (responderKeyHash.length !== 20) node.fail("ResponseData: byKey is not 20 octets");
  const nonce = parseNonce(extensions, "refuse");
  return { responderKeyHash, producedAtMs, responses, ...(nonce && { nonce }), tbs: node.raw };
}

/** Only the shape that we issue: byKey, nextUpdate present. @throws Failure `malformed` */
export const parseTbsResponseData = (tbs: Uint8Array): ResponseData => readResponseData(readDer(tbs));

export interface BasicResponse extends ResponseData {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly certificateDers: Uint8Array[];
}

export interface OcspResponse {
  readonly status: OcspResponseStatus;
  /** Present when `successful`. */
  readonly basic?: BasicResponse;
}

/** Signature and responder certificate by SLH-DSA have 50 KB each. */
const limits: DerLimits = { maxBytes: 262_144 };

function parseBasic(der: Uint8Array): BasicResponse {
  const fields = new DerFields(readDer(der, limits), "BasicOCSPResponse");
  const data = readResponseData(fields.next("tbsResponseData"));
  const signatureAlgorithm = parseSignatureAlgorithm(fields.next("signatureAlgorithm"));
  const signature = readBitString(fields.next("signature"), "signature");
  const certificates = fields.explicit(0xa0, "certs");
  fields.end();
  return {
    ...data,
    signatureAlgorithm,
    signature,
    certificateDers: (certificates?.children() ?? []).map((node) => node.raw),
  };
}

/** @throws Failure `malformed` */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  const node = readDer(der, limits);
  const fields = new DerFields(node, "OCSPResponse");
  const code = readEnumerated(fields.next("responseStatus"), "responseStatus", 6);
  const bytes = fields.explicit(0xa0, "responseBytes");
  fields.end();
  const status = (Object.keys(ocspStatusCodes) as OcspResponseStatus[]).find((name) => ocspStatusCodes[name] === code);
  if (status === undefined) return node.fail(`OCSPResponse: status ${code} is not defined`);
  if ((status === "successful") !== (bytes !== undefined)) node.fail("OCSPResponse: body and status do not fit");
  if (bytes === undefined) return { status };
  const body = new DerFields(bytes, "ResponseBytes");
  if (readOid(body.next("responseType")) !== oids.ocspBasic) node.fail("OCSPResponse: not a basic response");
  const basic = parseBasic(readOctetString(body.next("response"), "response"));
  body.end();
  return { status, basic };
}
