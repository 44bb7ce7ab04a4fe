/** External account binding (RFC 8555 7.3.4): an enrolment credential of the endpoint signs for the account's key. */
import { macAlgorithms } from "#shared/crypto/jose/algorithms";
import { importJwk, type JwkKey, parseJwk } from "#shared/crypto/jose/jwk";
import { type Jws, parseJson, parseJws, verifyMac } from "#shared/crypto/jose/jws";
import { credentialRefused } from "#shared/domain/enrolment-credential/decide";
import { isFailure } from "#shared/kernel/failure";
import { credentialFor } from "#shared/usecases/enrolment-credentials";
import type { Present } from "#shared/usecases/load";
import { AcmeError } from "./problem.ts";
import type { Context } from "./resource.ts";

/**
 * @param binding what the payload says
 * @param key of the account
 * @throws AcmeError `malformed` for its form, `badSignatureAlgorithm`, `unauthorized` for all that is wrong with kid or MAC
 */
export async function boundCredential(
  { deps, endpoint, urls }: Context,
  binding: unknown,
  key: JwkKey,
): Promise<Present<"enrolment-credential">> {
  const jws = parseJws(binding);
  const { alg, kid, url } = jws.header;
  const algorithms = Object.keys(macAlgorithms);
  if (typeof alg !== "string" || !algorithms.includes(alg))
    throw new AcmeError(
      "badSignatureAlgorithm",
      `externalAccountBinding: alg must be one of ${algorithms.join(", ")}`,
      {
        members: { algorithms },
      },
    );
  if ("nonce" in jws.header || "jwk" in jws.header)
    throw new AcmeError("malformed", "externalAccountBinding: its header must have no nonce and no jwk");
  if (typeof kid !== "string" || url !== urls.of("new-account"))
    throw new AcmeError("malformed", "externalAccountBinding: its header needs kid, and as url that of newAccount");
  assertSameKey(jws, key);
  const { credential, secret } = await credentialFor(deps, endpoint, kid);
  // In the words of a credential that is not there: who tries ids learns nothing by it.
  if (!verifyMac(jws, alg, secret)) throw credentialRefused();
  return credential;
}

function assertSameKey(jws: Jws, key: JwkKey): void {
  let bound: string | undefined;
  try {
    bound = importJwk(parseJwk(parseJson(jws.payload, "the payload of externalAccountBinding"))).thumbprint;
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  if (bound !== key.thumbprint)
    throw new AcmeError("malformed", "externalAccountBinding: its payload must be the public key of the account");
}
