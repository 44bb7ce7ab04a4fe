/** CertReqMessages (RFC 4211 3) and proof of possession by signature (4.1). */
import { verifySignature } from "#shared/crypto/signature";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readBitString, readOid } from "../der/reader.ts";
import { canSign, type PublicKeyInfo } from "../key.ts";
import { byOid } from "../oids.ts";
import { parseRequestSignatureAlgorithm } from "../signature-algorithm.ts";
import { readCertReqId } from "./cert-req-id.ts";
import { type CertTemplate, parseCertTemplate, retagged } from "./cert-template.ts";
import { controlOids } from "./oids.ts";

/** The alternatives of ProofOfPossession, as far as they are read: what is not a signature is only named. */
export type ProofOfPossession =
  | { readonly type: "raVerified" | "keyEncipherment" | "keyAgreement" }
  | {
      readonly type: "signature";
      /** Then the signature is over something else than the request (4.1 (3)). */
      readonly hasInput: boolean;
      /** AlgorithmIdentifier, unread. */
      readonly algorithm: DerNode;
      readonly signature: Uint8Array;
    };

export interface CertReqMsg {
  readonly certReqId: number;
  readonly template: CertTemplate;
  /** By a name of `controlOids`, or the dotted OID. */
  readonly controls: ReadonlyMap<string, DerNode>;
  readonly popo?: ProofOfPossession;
  readonly hasRegInfo: boolean;
  /** CertRequest, DER: what the proof signs. */
  readonly certRequest: Uint8Array;
}

const controlNames = byOid<keyof typeof controlOids>(controlOids);
const maxRequests = 100;

function parseControls(node: DerNode | undefined): ReadonlyMap<string, DerNode> {
  const out = new Map<string, DerNode>();
  for (const member of node?.children() ?? []) {
    const fields = new DerFields(member, "AttributeTypeAndValue");
    const dotted = readOid(fields.next("type"));
    const value = fields.next("value");
    fields.end();
    const name = controlNames.get(dotted) ?? dotted;
    if (out.has(name)) member.fail(`control ${name} comes twice`);
    out.set(name, value);
  }
  return out;
}

function signatureProof(node: DerNode): ProofOfPossession {
  const fields = new DerFields(retagged(node, 0x30), "POPOSigningKey");
  const input = fields.optional(0xa0);
  const algorithm = fields.next("algorithmIdentifier", 0x30);
  const signature = readBitString(fields.next("signature"), "signature");
  fields.end();
  return { type: "signature", hasInput: input !== undefined, algorithm, signature };
}

function parseProof(node: DerNode): ProofOfPossession | undefined {
  switch (node.tag) {
    case 0x80:
      return node.length === 0 ? { type: "raVerified" } : node.fail("raVerified: not NULL");
    case 0xa1:
      return signatureProof(node);
    case 0xa2:
      return { type: "keyEncipherment" };
    case 0xa3:
      return { type: "keyAgreement" };
    default:
      return undefined;
  }
}

function parseCertReqMsg(node: DerNode): CertReqMsg {
  const fields = new DerFields(node, "CertReqMsg");
  const request = fields.next("certReq", 0x30);
  const proofTag = fields.peek;
  const popo = proofTag === -1 || proofTag === 0x30 ? undefined : parseProof(fields.next("popo"));
  const regInfo = fields.optional(0x30);
  fields.end();
  if (popo === undefined && proofTag !== -1 && proofTag !== 0x30) node.fail("popo: not one of its alternatives");
  const inner = new DerFields(request, "CertRequest");
  const certReqId = readCertReqId(inner.next("certReqId"));
  const template = parseCertTemplate(inner.next("certTemplate"));
  const controls = parseControls(inner.optional(0x30));
  inner.end();
  return {
    certReqId,
    template,
    controls,
    ...(popo && { popo }),
    hasRegInfo: regInfo !== undefined,
    certRequest: request.raw,
  };
}

/** @throws Failure `malformed`. Possession is not yet checked: see `provesPossession`. */
export function parseCertReqMessages(node: DerNode): CertReqMsg[] {
  const members = node.expect(0x30, "CertReqMessages").children();
  if (members.length === 0 || members.length > maxRequests) node.fail(`CertReqMessages: ${members.length} requests`);
  return members.map(parseCertReqMsg);
}

/**
 * Whether the key signed the request.
 * @param key that of the template
 * @throws Failure `malformed` for an algorithm that is not served, and for a key that cannot be read
 */
export async function provesPossession({ popo, certRequest }: CertReqMsg, key: PublicKeyInfo): Promise<boolean> {
  if (popo?.type !== "signature" || popo.hasInput) return false;
  const algorithm = parseRequestSignatureAlgorithm(popo.algorithm);
  if (!canSign(key, algorithm)) return false;
  return verifySignature({ algorithm, spki: key.spki, data: certRequest, signature: popo.signature });
}
