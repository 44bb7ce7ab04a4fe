/** OCSP requests (RFC 6960 4.1, RFC 9654). */
import { DerFields } from "./der/fields.ts";
import { type DerNode, readDer, readOctetString } from "./der/reader.ts";
import { type ExplicitDefaults, parseExtensions } from "./extension-values.ts";
import { type CertId, parseCertId } from "./ocsp-cert-id.ts";
import { oidName, oids } from "./oids.ts";

/** Each one costs a look-up, and all of them share one answer. */
export const maxCertIds = 10;
export const maxNonceOctets = 128;

export interface OcspRequest {
  readonly certIds: CertId[];
  readonly nonce?: Uint8Array;
  /** A signature was there; it is not checked: anybody may ask. */
  readonly signed: boolean;
  readonly requestDer: Uint8Array;
}

/** RFC 9654 2.1: 1 to 128 octets within an OCTET STRING of its own. */
export function parseNonce(node: DerNode | undefined, defaults: ExplicitDefaults): Uint8Array | undefined {
  const found = node && parseExtensions(node, defaults).get(oids.ocspNonce);
  if (node === undefined || found === undefined) return undefined;
  const nonce = readOctetString(readDer(found.value, { field: node.field }), "nonce");
  if (nonce.length < 1 || nonce.length > maxNonceOctets)
    node.fail(`nonce of ${nonce.length} octets; 1 to ${maxNonceOctets} are allowed`);
  return nonce;
}

function parseRequest(node: DerNode): CertId {
  const fields = new DerFields(node, "Request");
  const certId = parseCertId(fields.next("reqCert"));
  const single = fields.explicit(0xa0, "singleRequestExtensions");
  fields.end();
  for (const [dotted, { critical }] of single === undefined ? [] : parseExtensions(single, "accept"))
    if (critical) node.fail(`Request: critical extension ${oidName(dotted)} is not supported`);
  return certId;
}

/** @throws Failure `malformed` */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  const outer = new DerFields(readDer(der, { maxBytes: 16_384, maxElements: 1_024 }), "OCSPRequest");
  const tbs = outer.next("tbsRequest");
  const signed = outer.optional(0xa0) !== undefined;
  outer.end();
  const fields = new DerFields(tbs, "TBSRequest");
  if (fields.peek === 0xa0) tbs.fail("TBSRequest: version is not v1, or the default is encoded");
  fields.optional(0xa1);
  const list = fields.next("requestList", 0x30);
  const extensions = fields.explicit(0xa2, "requestExtensions");
  fields.end();
  const requests = list.children();
  if (requests.length === 0) list.fail("requestList: empty");
  if (requests.length > maxCertIds)
    list.fail(`requestList: ${requests.length} certificates; ${maxCertIds} are allowed`);
  for (const [dotted, { critical }] of extensions === undefined ? [] : parseExtensions(extensions, "accept"))
    if (critical && dotted !== oids.ocspNonce)
      tbs.fail(`TBSRequest: critical extension ${oidName(dotted)} is not supported`);
  const nonce = parseNonce(extensions, "accept");
  return { certIds: requests.map(parseRequest), ...(nonce && { nonce }), signed, requestDer: der };
}
