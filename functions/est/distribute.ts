/** What everybody may know: CA certificates and what a request shall have (RFC 7030 4.1, 4.5). */
import type { Answer } from "#shared/http/answer";
import { fromBase64 } from "#shared/kernel/bytes";
import { certsOnly } from "#shared/pki/cms/certs-only";
import { csrAttrs, keyAttribute } from "#shared/pki/csr-attrs";
import { endpointIssuer, endpointProfile } from "#shared/usecases/endpoint-issuer";
import { issuerWithChain } from "#shared/usecases/issuer-chain";
import { base64Answer } from "./answers.ts";
import type { Exchange } from "./exchange.ts";

/** The CA that issues, and up to the root everything that makes a path (RFC 7030 4.1.3). */
export async function caCerts({ deps, endpoint }: Exchange): Promise<Answer> {
  const { id } = await endpointIssuer(deps, endpoint);
  const { issuer, chain } = await issuerWithChain(deps, endpoint.tenant, id);
  const certificates = [issuer, ...chain].map(({ certificate }) => fromBase64(certificate));
  return base64Answer(certsOnly(certificates), "application/pkcs7-mime");
}

/**
 * The kind of key, where the profile leaves but one. Names and usages are not asked for: the client knows its names, and
 * usages come from the profile, whatever a request says.
 */
export async function csrAttributes({ deps, endpoint }: Exchange): Promise<Answer> {
  const { allowed_key_algorithms: allowed, min_rsa_bits } = (await endpointProfile(deps, endpoint)).spec;
  const [algorithm] = allowed;
  // Nothing to ask for (RFC 7030 4.5.2).
  if (algorithm === undefined || allowed.length > 1)
    return { status: 204, headers: { "cache-control": "no-store" }, body: null };
  return base64Answer(csrAttrs([keyAttribute({ algorithm, bits: min_rsa_bits })]), "application/csrattrs");
}
