/** A request as ACME signs it (RFC 8555 6.2-6.5): what it is for, who it is from, and that it was not sent before. */
import { signatureAlgorithm, signatureAlgorithmNames } from "#shared/crypto/jose/algorithms";
import type { JwkKey } from "#shared/crypto/jose/jwk";
import { type Jws, parseJson, parseJws } from "#shared/crypto/jose/jws";
import { assertAcmeAccountValid } from "#shared/domain/acme-account/decide";
import { mediaTypeOf } from "#shared/http/media-type";
import { readBody } from "#shared/http/body";
import { Failure } from "#shared/kernel/failure";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { Present } from "#shared/usecases/load";
import type { BoundDeps } from "../function.ts";
import { accountKey, storedKey } from "./account-key.ts";
import { isOurNonce, useNonce } from "./nonces.ts";
import { AcmeError } from "./problem.ts";
import type { Urls } from "./urls.ts";

const maxBytes = 128 * 1024;

/** By what a resource is asked for: an account's URL, a key itself, or either (RFC 8555 6.2). */
export type SignedBy = "account" | "key" | "either";

export interface SignedRequest {
  readonly key: JwkKey;
  /** Undefined when the request names its key. */
  readonly account: Present<"acme-account"> | undefined;
  /** Empty: POST-as-GET (RFC 8555 6.3). */
  readonly payload: Uint8Array;
}

export interface Asked {
  readonly endpoint: Endpoint;
  readonly urls: Urls;
  /** What the header's `url` must be. */
  readonly url: string;
}

/** @throws Failure `not_acceptable_media`, `too_large` */
export function readSignedBody(request: Request): Promise<Uint8Array> {
  const type = mediaTypeOf(request.headers);
  if (type !== "application/jose+json")
    throw new Failure("not_acceptable_media", "send content-type: application/jose+json (RFC 8555 6.2)");
  return readBody(request, maxBytes);
}

/** @throws AcmeError `malformed`, `badSignatureAlgorithm`, `badPublicKey`, `badNonce`, `unauthorized`, `accountDoesNotExist` */
export async function readSignedRequest(
  deps: BoundDeps,
  body: Uint8Array,
  asked: Asked,
  by: SignedBy,
): Promise<SignedRequest> {
  const jws = parseJws(parseJson(body, "the body"));
  const algorithm = assertHeader(jws, asked.url);
  const nonce = nonceOf(deps, jws, asked.endpoint);
  const signer = await signerOf(deps, jws, asked, by);
  if (!(await signer.key.verify(algorithm, jws.signingInput, jws.signature)))
    throw new AcmeError(
      "malformed",
      signatureAlgorithm(algorithm)?.kty === signer.key.jwk.kty
        ? "the signature of the JWS does not verify under its key"
        : `alg ${algorithm} does not go with a key of type ${signer.key.jwk.kty}`,
    );
  // Only now: who cannot sign writes nothing.
  if (!(await useNonce(deps, asked.endpoint, nonce))) throw badNonce("was used before");
  if (signer.account !== undefined) assertAcmeAccountValid(signer.account.state);
  return { ...signer, payload: jws.payload };
}

/** @returns the algorithm */
function assertHeader({ header }: Jws, url: string): string {
  const { alg } = header;
  if (typeof alg !== "string" || signatureAlgorithm(alg) === undefined)
    throw new AcmeError(
      "badSignatureAlgorithm",
      `alg ${JSON.stringify(alg)?.slice(0, 40)} is not served; ${signatureAlgorithmNames.join(", ")} are`,
      { members: { algorithms: signatureAlgorithmNames } },
    );
  if (typeof header["url"] !== "string")
    throw new AcmeError("malformed", "the protected header has no url (RFC 8555 6.4)");
  // RFC 8555 6.4.1: else a request could be redirected to another resource.
  if (header["url"] !== url)
    throw new AcmeError("unauthorized", `the request was sent to ${url}, but its protected header names another url`);
  if ("jwk" in header === "kid" in header)
    throw new AcmeError("malformed", "the protected header needs either jwk or kid, and not both (RFC 8555 6.2)");
  return alg;
}

const badNonce = (why: string): AcmeError =>
  new AcmeError("badNonce", `the nonce ${why}; sign again with the one in this answer's Replay-Nonce`);

function nonceOf(deps: BoundDeps, { header }: Jws, endpoint: Endpoint): string {
  const { nonce } = header;
  if (nonce === undefined) throw badNonce("is missing"); // RFC 8555 6.5: "unacceptable (or not present)"
  if (typeof nonce !== "string" || !/^[A-Za-z0-9_-]+$/.test(nonce))
    throw new AcmeError("malformed", "the protected header has no nonce in base64url (RFC 8555 6.5.2)");
  if (!isOurNonce(deps, endpoint, nonce)) throw badNonce("is none of this endpoint's, or older than ten minutes");
  return nonce;
}

async function signerOf(
  deps: BoundDeps,
  { header }: Jws,
  { endpoint, urls }: Asked,
  by: SignedBy,
): Promise<Omit<SignedRequest, "payload">> {
  if ("jwk" in header) {
    if (by === "account")
      throw new AcmeError("malformed", "this resource is asked with kid, the URL of the account (RFC 8555 6.2)");
    return { key: accountKey(header["jwk"]), account: undefined };
  }
  if (by === "key") throw new AcmeError("malformed", "this resource is asked with jwk, not kid (RFC 8555 6.2)");
  const { kid } = header;
  const prefix = urls.account("");
  const id = typeof kid === "string" && kid.startsWith(prefix) ? kid.slice(prefix.length) : "";
  const account = /^[0-9a-f-]{36}$/.test(id) ? await deps.log.load(endpoint.tenant, "acme-account", id) : undefined;
  if (account?.state?.endpoint !== endpoint.label)
    throw new AcmeError("accountDoesNotExist", "kid names no account of this endpoint; register one");
  return { key: storedKey(account.state), account: account as Present<"acme-account"> };
}
