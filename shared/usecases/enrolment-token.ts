import type { Principal } from "#shared/contracts/principal";
import { Failure } from "#shared/kernel/failure";
import type { Endpoint } from "./enrolment-endpoints.ts";
import { assertPermitted } from "./tokens.ts";

/**
 * An API token in place of an enrolment secret: of the endpoint's tenant, with `certs:request`.
 * @throws Failure `unauthenticated` for another tenant's or where the endpoint takes none, `forbidden` without the permission
 */
export function assertTokenOpens({ tenant, state }: Endpoint, principal: Principal): void {
  if (principal.tenant !== tenant || !state.auth.includes("token"))
    throw new Failure("unauthenticated", "the token opens nothing at this enrolment endpoint");
  assertPermitted(principal, "certs:request");
}
