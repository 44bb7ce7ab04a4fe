/** OCSP (RFC 6960, 9654): the state decides at the moment of the question; nothing is generated but the signature. */
import { certificateId } from "#shared/domain/certificate/certificate";
import type { OcspResponder } from "#shared/domain/ocsp-responder/ocsp-responder";
import { fromBase64, hex, sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { keyIdentifier } from "#shared/pki/key";
import { lintResponseData } from "#shared/pki/lint/registry";
import {
  assembleBasicResponse,
  buildTbsResponseData,
  type CertId,
  type CertStatus,
  parseOcspRequest,
  parseTbsResponseData,
  type SingleResponse,
} from "#shared/pki/ocsp";
import type { ReasonName } from "#shared/pki/reason";
import { parseSignatureAlgorithmName } from "#shared/pki/signature-algorithm";
import type { Deps } from "./deps.ts";
import { type IssuerMaterial, issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertShapeLintFree, readBuilt } from "./lint-before-signing.ts";
import { existing } from "./load.ts";
import { createSignAhead } from "./sign-ahead.ts";

export interface OcspAnswer {
  /** OCSPResponse, DER, successful. */
  readonly der: Uint8Array;
  readonly nextUpdateMs: number;
  /** With a nonce it answers one asker only. */
  readonly cacheable: boolean;
}

const validityMs = 600_000;
/** What is asked for again after half of its time is signed anew beside the answer; with less than this left, before it. */
const leastLeftMs = 120_000;
const maxCached = 20_000;

interface Answered {
  readonly response: SingleResponse;
  /** Changes whenever the answer would. */
  readonly version: string;
}

export function createOcspResponder(deps: Deps) {
  const cache = new Map<string, OcspAnswer>();
  const ahead = createSignAhead();

  /**
   * @throws Failure `malformed`, `not_found` for an issuer that nobody has, `forbidden` for a question about another
   * issuer's certificate, `unavailable` while there is no responder certificate
   */
  async function answer(issuerId: string, requestDer: Uint8Array): Promise<OcspAnswer> {
    try {
      return await answerOnce(issuerId, requestDer);
    } catch (error) {
      // A revocation came in between, and the signer knew it first: what is asked again is answered by it.
      if (!isFailure(error, "guard_refused")) throw error;
      return answerOnce(issuerId, requestDer);
    }
  }

  async function answerOnce(issuerId: string, requestDer: Uint8Array): Promise<OcspAnswer> {
    const entry = await deps.directory.resolve("issuer", issuerId);
    if (entry === undefined) throw new Failure("not_found", "no issuer has this id");
    const { tenant } = entry;
    const request = parseOcspRequest(requestDer);
    const issuer = await existing(deps, tenant, "issuer", issuerId);
    const responder = await deps.log.load(tenant, "ocsp-responder", issuerId);
    if (responder.state === undefined || Date.parse(responder.state.not_after) <= deps.clock.now()) {
      throw new Failure("unavailable", "the issuer has no valid responder certificate at this moment", {
        retryAfter: 5,
      });
    }
    const material = issuerMaterial(issuerId, issuer.state);
    const answered = await Promise.all(request.certIds.map((certId) => statusOf(tenant, issuerId, material, certId)));
    const cacheable = request.nonce === undefined;
    const key = cacheable ? `${responder.state.serial}|${answered.map(({ version }) => version).join("|")}` : undefined;
    const cached = key === undefined ? undefined : cache.get(key);
    const left = (cached?.nextUpdateMs ?? 0) - deps.clock.now();
    // More than it ever had: the clock was set back, and its thisUpdate lies in the future.
    const holds = cached !== undefined && left > leastLeftMs && left <= validityMs;
    const { state } = responder;
    if (key !== undefined && holds && left <= validityMs / 2)
      ahead.renew(key, async () => cache.set(key, await sign(tenant, state, material, answered, undefined)));
    if (holds) return cached;
    const fresh = await sign(tenant, state, material, answered, request.nonce);
    if (key !== undefined) {
      if (cache.size >= maxCached) cache.delete(cache.keys().next().value ?? "");
      cache.set(key, fresh);
    }
    return fresh;
  }

  async function statusOf(
    tenant: string,
    issuerId: string,
    material: IssuerMaterial,
    certId: CertId,
  ): Promise<Answered> {
    assertOwn(material, certId);
    const now = Math.floor(deps.clock.now() / 1000) * 1000;
    const certificate = await deps.log.load(tenant, "certificate", certificateId(issuerId, certId.serialHex));
    const { state } = certificate;
    const status: CertStatus =
      state === undefined
        ? { type: "unknown" }
        : state.revoked_at !== null
          ? {
              type: "revoked",
              atMs: Date.parse(state.revoked_at),
              reason: (state.reason ?? "unspecified") as ReasonName,
            }
          : { type: "good" };
    return {
      response: { certId, status, thisUpdateMs: now, nextUpdateMs: now + validityMs },
      version: `${issuerId}/${hex(certId.der)}/${certificate.rev}`,
    };
  }

  async function sign(
    tenant: string,
    responder: OcspResponder,
    material: IssuerMaterial,
    answered: readonly Answered[],
    nonce: Uint8Array | undefined,
  ): Promise<OcspAnswer> {
    const { certificate, keyHash: responderKeyHash } = responderMaterial(responder);
    const producedAtMs = Math.floor(deps.clock.now() / 1000) * 1000;
    const tbs = buildTbsResponseData({
      responderKeyHash,
      producedAtMs,
      responses: answered.map(({ response }) => response),
      ...(nonce !== undefined && { nonce }),
    });
    const signatureAlgorithm = parseSignatureAlgorithmName(responder.signature_algorithm);
    const assemble = (signature: Uint8Array): Uint8Array =>
      assembleBasicResponse(tbs, signatureAlgorithm, signature, [certificate.der]);
    const refusal = { what: "the OCSP response" };
    const built = readBuilt(() => parseTbsResponseData(tbs), refusal);
    const context = { responder: certificate, issuer: material.certificate, signatureAlgorithm };
    assertLintFree(lintResponseData(built, context), refusal);
    const shape = `ocsp/${responder.issuer}/${responder.serial}`;
    await assertShapeLintFree(shape, { ...refusal, kind: "ocsp", tbs, signatureAlgorithm, assemble });
    const { signature } = await deps.signer.sign({
      opId: "-",
      tenant,
      handle: responder.handle,
      type: "ocsp",
      profile: "-",
      requestHash: "-",
      tbs,
    });
    return { der: assemble(signature), nextUpdateMs: producedAtMs + validityMs, cacheable: nonce === undefined };
  }

  return { answer };
}

interface ResponderMaterial {
  readonly certificate: Certificate;
  readonly keyHash: Uint8Array;
}

const responders = new Map<string, ResponderMaterial>();

/** Parsed once: a responder's certificate never changes. */
function responderMaterial(responder: OcspResponder): ResponderMaterial {
  const known = responders.get(responder.certificate);
  if (known !== undefined) return known;
  const certificate = parseCertificate(fromBase64(responder.certificate));
  const material = { certificate, keyHash: keyIdentifier(certificate.spki) };
  if (responders.size > 10_000) responders.clear();
  responders.set(responder.certificate, material);
  return material;
}

/** RFC 6960 2.3: who asks the wrong responder hears `unauthorized`. */
function assertOwn({ certIdHashes }: IssuerMaterial, { hashAlgorithm, issuerNameHash, issuerKeyHash }: CertId): void {
  const own = Object.hasOwn(certIdHashes, hashAlgorithm) ? certIdHashes[hashAlgorithm] : undefined;
  if (own === undefined)
    throw new Failure("forbidden", `CertID hash ${hashAlgorithm} is not served; use SHA-1 or SHA-256`);
  if (!sameBytes(own.name, issuerNameHash) || !sameBytes(own.key, issuerKeyHash))
    throw new Failure("forbidden", "the question is about another issuer's certificate");
}
