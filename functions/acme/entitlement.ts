/** What an account may order: terms, the credential that it was bound with, the endpoint's profile. */
import { AcmeError } from "./problem.ts";
import type { Rules } from "./identifiers.ts";
import { referencedProfile } from "#shared/usecases/load";
import type { AccountContext } from "./resource.ts";

/**
 * @throws AcmeError `userActionRequired` when the terms changed (RFC 8555 7.3.3), `externalAccountRequired` when the endpoint
 *   asks for more than it did, `unauthorized` when its credential was revoked
 */
export async function assertMayOrder({ deps, endpoint, account }: AccountContext): Promise<void> {
  const { terms_of_service: terms } = endpoint.state;
  if (terms !== undefined && terms !== account.state.terms)
    throw new AcmeError(
      "userActionRequired",
      `the terms of service changed; read ${terms} and agree to them by registering again with the same key`,
      { members: { instance: terms }, headers: { link: `<${terms}>;rel="terms-of-service"` } },
    );
  const bound = account.state.external_account;
  // What let it in must still do so: an endpoint that is closed is closed to those who came while it was open.
  const { auth } = endpoint.state;
  if (!auth.includes("open") && (bound === null || !auth.includes("secret")))
    throw new AcmeError(
      "externalAccountRequired",
      "this endpoint needs externalAccountBinding by now: register another account, with a new key and an enrolment credential",
    );
  if (bound === null) return;
  const credential = await deps.log.load(endpoint.tenant, "enrolment-credential", bound.credential);
  // Expired ones are removed in time and only bind no further accounts; a revoked one is cut off with all that it bound.
  if ((credential.state?.revoked_at ?? null) !== null)
    throw new AcmeError("unauthorized", "the enrolment credential that this account was bound with was revoked");
}

export async function rulesOf({ deps, endpoint, account }: AccountContext): Promise<Rules> {
  const { state: profile } = await referencedProfile(deps, endpoint.tenant, endpoint.state.profile);
  return { profile, granted: account.state.external_account?.names ?? [] };
}
