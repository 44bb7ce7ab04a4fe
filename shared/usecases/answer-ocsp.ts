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
  /** Changes whenever the answer would. */
  readonly version: string;
  /** Each certificate asked for is there: what is unknown today may be issued in a moment. */
  readonly known: boolean;
}

/** An answer that others keep speaks until then, if the responder does; milliseconds, whole seconds. */
export interface AnswerOptions {
  readonly untilMs?: number | undefined;
}

const validityMs = 600_000;
/** What is asked for again after half of its time is signed anew beside the answer; with less than this left, before it. */
const leastLeftMs = 120_000;
const maxCached = 20_000;

interface Answered {
  readonly certId: CertId;
  readonly status: CertStatus;
  readonly known: boolean;
  readonly version: string;
}

interface Asked {
  readonly tenant: string;
  /** Before anything was looked up; milliseconds, whole seconds. */
  readonly atMs: number;
  readonly responder: OcspResponder;
  readonly material: IssuerMaterial;
  readonly answered: readonly Answered[];
  readonly version: string;
  readonly nonce: Uint8Array | undefined;
}

export function createOcspResponder(deps: Deps) {
  const cache = new Map<string, OcspAnswer>();
  const ahead = createSignAhead();

  /**
   * @throws Failure `malformed`, `not_found` for an issuer that nobody has, `forbidden` for a question about another
   * issuer's certificate, `unavailable` while there is no responder certificate
   */
  async function answer(issuerId: string, requestDer: Uint8Array, options: AnswerOptions = {}): Promise<OcspAnswer> {
    try {
      return await answerOnce(issuerId, requestDer, options);
    } catch (error) {
      // A revocation came in between, and the signer knew it first: what is asked again is answered by it.
      if (!isFailure(error, "guard_refused")) throw error;
      return answerOnce(issuerId, requestDer, options);
    }
  }

  /** @returns whether the answer would still be the same */
  async function holds(issuerId: string, requestDer: Uint8Array, { version }: OcspAnswer): Promise<boolean> {
    return (await ask(issuerId, requestDer)).version === version;
  }

  async function ask(issuerId: string, requestDer: Uint8Array): Promise<Asked> {
    const atMs = Math.floor(deps.clock.now() / 1000) * 1000;
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
    const version = `${responder.state.serial}|${answered.map((each) => each.version).join("|")}`;
    return { tenant, atMs, responder: responder.state, material, answered, version, nonce: request.nonce };
  }

  async function answerOnce(issuerId: string, requestDer: Uint8Array, { untilMs }: AnswerOptions): Promise<OcspAnswer> {
    const asked = await ask(issuerId, requestDer);
    const { nonce, version, responder } = asked;
    if (
      untilMs !== undefined &&
      untilMs <= Date.parse(responder.not_after) &&
      asked.answered.every(({ known }) => known)
    )
      return sign(asked, untilMs);
    const key = nonce === undefined ? version : undefined;
    const cached = key === undefined ? undefined : cache.get(key);
    const left = (cached?.nextUpdateMs ?? 0) - deps.clock.now();
    // More than it ever had: the clock was set back, and its thisUpdate lies in the future.
    const good = cached !== undefined && left > leastLeftMs && left <= validityMs;
    if (key !== undefined && good && left <= validityMs / 2)
      ahead.renew(key, async () => cache.set(key, await sign(asked)));
    if (good) return cached;
    const fresh = await sign(asked);
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
      certId,
      status,
      known: state !== undefined,
      version: `${issuerId}/${hex(certId.der)}/${certificate.rev}`,
    };
  }

  async function sign(asked: Asked, untilMs?: number): Promise<OcspAnswer> {
    const { tenant, atMs, responder, material, answered, version, nonce } = asked;
    const { certificate, keyHash: responderKeyHash } = responderMaterial(responder);
    const producedAtMs = Math.floor(deps.clock.now() / 1000) * 1000;
    const nextUpdateMs = untilMs ?? atMs + validityMs;
    const times = { thisUpdateMs: atMs, nextUpdateMs };
    const tbs = buildTbsResponseData({
      responderKeyHash,
      producedAtMs,
      responses: answered.map(({ certId, status }): SingleResponse => ({ certId, status, ...times })),
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
    const known = answered.every((each) => each.known);
    return { der: assemble(signature), nextUpdateMs, cacheable: nonce === undefined, version, known };
  }

  return { answer, holds };
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
