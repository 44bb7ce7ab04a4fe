/** RFC 8555 7.1.1; RFC 9773 3 (renewalInfo); draft-ietf-acme-profiles 3 (profiles). */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import type { Context } from "../resource.ts";

export async function directory({ endpoint: { state }, urls, deps }: Context): Promise<Answer> {
  return jsonAnswer({
    newNonce: urls.of("new-nonce"),
    newAccount: urls.of("new-account"),
    newOrder: urls.of("new-order"),
    ...(state.validate_names && { newAuthz: urls.of("new-authz") }),
    revokeCert: urls.of("revoke-cert"),
    keyChange: urls.of("key-change"),
    renewalInfo: urls.of("renewal-info"),
    meta: {
      ...(state.terms_of_service !== undefined && { termsOfService: state.terms_of_service }),
      website: deps.publicUrl,
      ...(deps.validation.caaIdentities.length > 0 && { caaIdentities: deps.validation.caaIdentities }),
      externalAccountRequired: needsExternalAccount(state),
      profiles: { [state.profile]: `the certificate profile ${state.profile} of this endpoint` },
    },
  });
}

/** Where nothing but the secret opens it. */
export const needsExternalAccount = ({ auth }: Context["endpoint"]["state"]): boolean => !auth.includes("open");
