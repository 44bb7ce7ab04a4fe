/** The provider ends sessions of its own (OpenID Connect Back-Channel Logout 1.0). */
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import { tenantsOf } from "#shared/policy/tenant-mapping";
import { systemCall } from "./deps.ts";
import { endSessionsFor } from "./end-sessions.ts";
import { providerOf, type ProviderSignInDeps, subjectOf } from "./provider-sign-in.ts";

/**
 * Ends the sessions that the token names, in whichever tenant its person is; none is no error.
 * @throws Failure `malformed` for what is no logout token or was used before, `unavailable`
 */
export async function logOutByProvider(deps: ProviderSignInDeps, id: string, logoutToken: string): Promise<void> {
  const { provider, mapping } = providerOf(deps, id);
  const { subject, sid, jti, endsAt } = await provider.loggedOut(logoutToken);
  const { shortLived, systemTenant, clock } = deps;
  const used = `oidc/logout/${id}/${sha256Hex(jti)}`;
  if (!(await shortLived.put(systemTenant, used, "", Math.max(endsAt - clock.now(), 1))))
    throw new Failure("malformed", "this logout token was used before");
  try {
    for (const tenant of tenantsOf(mapping)) {
      // 2.6: by `sid` one session of the provider's, with all that began in it; without it all of the person's.
      const whose = sid === null ? { provider: id, subject: subjectOf(id, subject ?? "") } : { provider: id, sid };
      await endSessionsFor(deps, systemCall(tenant, `sign-in/${id}`, jti), whose, "provider");
    }
  } catch (error) {
    await shortLived.take(systemTenant, used); // the provider may send it again
    throw error;
  }
}
