/** The certificate that an order is to replace (RFC 9773 5). */
import type { AcmeIdentifier } from "#shared/domain/acme-authorization/acme-authorization";
import { certificateOfAriId, parseAriId } from "./certificate-id.ts";
import { issuedTo } from "./issued-to.ts";
import { AcmeError } from "./problem.ts";
import { type AccountContext, accountSubject } from "./resource.ts";

/**
 * @returns its id
 * @throws AcmeError `malformed` for one that this account does not have or that shares no name; `alreadyReplaced`
 */
export async function replacedCertificate(
  { deps, endpoint, account }: AccountContext,
  replaces: string,
  identifiers: readonly AcmeIdentifier[],
): Promise<string> {
  const found = await certificateOfAriId(deps, endpoint, parseAriId(replaces));
  const owner = found && (await issuedTo(deps, endpoint.tenant, found.certificate));
  if (found === undefined || owner !== accountSubject(account.id))
    throw new AcmeError("malformed", "replaces: names no certificate that was issued to this account here");
  const { id, state } = found.certificate;
  if (state.replaced_by !== null)
    throw new AcmeError("alreadyReplaced", "replaces: the certificate was replaced by another order already");
  if (!identifiers.some(({ type, value }) => state.sans.includes(`${type}:${value}`)))
    throw new AcmeError(
      "malformed",
      `replaces: the order shares no identifier with that certificate (${state.sans.join(", ")})`,
    );
  return id;
}
