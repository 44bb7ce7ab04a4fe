/** What everybody may know: capabilities and CA certificates (RFC 8894 3.5, 4.2). */
import { certsOnly } from "#shared/pki/cms/certs-only";
import { endpointIssuer } from "#shared/usecases/endpoint-issuer";
import type { EnrolmentEndpoint } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { raIdentity } from "#shared/usecases/ra-identity";
import { binaryAnswer, textAnswer } from "./answers.ts";
import type { Exchange, Served } from "./exchange.ts";

/** RFC 8894 3.5.2, and nothing that is not so: what else there is on the list clients must not try. */
const capabilitiesOf = ({ auth, legacy_algorithms: legacy }: EnrolmentEndpoint): readonly string[] => [
  "AES",
  ...(legacy ? ["DES3"] : []),
  "POSTPKIOperation",
  ...(auth.includes("certificate") ? ["Renewal"] : []),
  ...(legacy ? ["SHA-1"] : []),
  "SHA-256",
  "SHA-384", // not in the table, and so; strongSwan 5.9.8 misreads its own flags and goes on only with this one
  "SHA-512",
  "SCEPStandard",
];

export async function getCaCaps({ endpoint }: Exchange): Promise<Served> {
  const text = capabilitiesOf(endpoint.state).map((keyword) => `${keyword}\n`);
  return { answer: textAnswer(200, text.join("")), operation: "GetCACaps", decision: "allow" };
}

/**
 * The RA certificate, then the CA that issues and its chain to the root: clients take the first for the one to encrypt to,
 * or look for the one that is no CA (RFC 8894 4.2.1.2).
 */
export async function getCaCert({ deps, endpoint }: Exchange): Promise<Served> {
  const { certificate, chain } = await deps.pool.run(async () => {
    const issuer = await endpointIssuer(deps, endpoint);
    return raIdentity(deps, endpoint.tenant, issuer.id);
  }, endpoint.tenant);
  return {
    answer: binaryAnswer(certsOnly([certificate, ...chain]), "application/x-x509-ca-ra-cert"),
    operation: "GetCACert",
    decision: "allow",
  };
}
