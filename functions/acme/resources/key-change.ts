/** RFC 8555 7.3.5: a request by the old key around one by the new. */
import { signatureAlgorithm, signatureAlgorithmNames } from "#shared/crypto/jose/algorithms";
import { importJwk, type JwkKey, parseJwk } from "#shared/crypto/jose/jwk";
import { parseJson, parseJws } from "#shared/crypto/jose/jws";
import { acmeAccountKeyId } from "#shared/domain/acme-account/acme-account";
import { decideChangeAcmeAccountKey } from "#shared/domain/acme-account/decide";
import type { Answer } from "#shared/http/answer";
import { isFailure } from "#shared/kernel/failure";
import { change } from "#shared/usecases/commit";
import { existing, type Present } from "#shared/usecases/load";
import { accountKey } from "../account-key.ts";
import { accountAnswer } from "../account-view.ts";
import { takeForSubject } from "../limits.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type AccountContext } from "../resource.ts";

export async function keyChange(context: AccountContext): Promise<Answer> {
  const { deps, endpoint, urls, account } = context;
  const { tenant, label } = endpoint;
  const next = await newKeyOf(context);
  takeForSubject(deps.enrolmentLimits, `${tenant}/${account.id}`, "changes of this account");
  const after = await change(deps, accountCall(context, account.id), async () => {
    const stream = await existing(deps, tenant, "acme-account", account.id);
    const taken = await deps.log.load(tenant, "acme-account-key", acmeAccountKeyId(label, next.thumbprint));
    // The account may have got another key meanwhile: then this one was not signed by its key.
    if (stream.state.thumbprint !== account.state.thumbprint)
      throw new AcmeError("malformed", "the account changed its key meanwhile; sign with the key that it has now");
    const owner = taken.state?.account ?? null;
    if (owner !== null)
      throw new AcmeError("malformed", "an account has this key already; make a new one (RFC 8555 7.3.5)", {
        status: 409,
        headers: { location: urls.account(owner) },
      });
    const before = await existing(deps, tenant, "acme-account-key", acmeAccountKeyId(label, stream.state.thumbprint));
    return { stream, event: decideChangeAcmeAccountKey(stream.state, next, taken.state), touches: [before, taken] };
  });
  return accountAnswer(urls, account.id, (after as Present<"acme-account">).state);
}

/** The key that signed the inner JWS, when all of it is as 7.3.5 lists. @throws AcmeError */
async function newKeyOf({ urls, account, key, payload }: AccountContext): Promise<JwkKey> {
  const malformed = (detail: string): AcmeError =>
    new AcmeError("malformed", `the inner JWS ${detail} (RFC 8555 7.3.5)`);
  const jws = parseJws(parseJson(payload, "the payload"));
  const { alg, url, jwk } = jws.header;
  if (typeof alg !== "string" || signatureAlgorithm(alg) === undefined)
    throw new AcmeError("badSignatureAlgorithm", `the inner JWS needs one of ${signatureAlgorithmNames.join(", ")}`, {
      members: { algorithms: signatureAlgorithmNames },
    });
  if (jwk === undefined || "kid" in jws.header) throw malformed("names its key by jwk");
  if ("nonce" in jws.header) throw malformed("has no nonce of its own");
  if (url !== urls.of("key-change")) throw malformed("has the url of the outer one");
  const next = accountKey(jwk);
  if (!(await next.verify(alg, jws.signingInput, jws.signature)))
    throw malformed("is not signed by the key that it names");
  const said = parseJson(jws.payload, "the payload of the inner JWS") as { account?: unknown; oldKey?: unknown } | null;
  if (said?.account !== urls.account(account.id)) throw malformed("names another account than the outer one");
  if (thumbprintOf(said.oldKey) !== key.thumbprint) throw malformed("has an oldKey that is not the account's");
  return next;
}

function thumbprintOf(jwk: unknown): string | undefined {
  try {
    return importJwk(parseJwk(jwk)).thumbprint;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
