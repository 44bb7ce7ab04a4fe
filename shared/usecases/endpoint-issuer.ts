import type { Profile } from "#shared/domain/profile/profile";
import { Failure } from "#shared/kernel/failure";
import type { Deps } from "./deps.ts";
import type { Endpoint } from "./enrolment-endpoints.ts";
import { oldestIssuer } from "./issue-certificate.ts";
import { existing, type Present, referencedProfile } from "./load.ts";

export const endpointProfile = async (deps: Deps, { tenant, state }: Endpoint): Promise<Profile> =>
  (await referencedProfile(deps, tenant, state.profile)).state;

/** The CA whose certificates an endpoint gives out, as `issueCertificate` finds it. @throws Failure `unavailable` without one */
export async function endpointIssuer(deps: Deps, endpoint: Endpoint): Promise<Present<"issuer">> {
  const { tenant, state } = endpoint;
  const id = state.issuer ?? (await endpointProfile(deps, endpoint)).spec.issuer_id;
  const issuer = id === undefined ? await oldestIssuer(deps, tenant) : await existing(deps, tenant, "issuer", id);
  if (issuer === undefined)
    throw new Failure("unavailable", "there is no CA behind this endpoint now; its operator has to make one", {
      retryAfter: 3600,
    });
  return issuer;
}
