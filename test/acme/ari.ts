import { base64url, fromHex, sameBytes } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { findIssuer } from "#shared/usecases/all-issuers";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import { type AcmeHouse, tenant } from "./house.ts";

/** How ARI names a certificate (RFC 9773 4.1). @param der of the certificate */
export async function ariIdOf({ deps }: AcmeHouse, der: Uint8Array): Promise<string> {
  const { issuerDer, serialHex } = parseCertificate(der);
  const issuer = await findIssuer(deps, tenant, ({ id, state }) =>
    sameBytes(issuerMaterial(id, state).subjectDer, issuerDer),
  );
  if (issuer === undefined) throw new Error("no issuer has that name");
  return `${base64url(issuerMaterial(issuer.id, issuer.state).keyId)}.${base64url(fromHex(serialHex))}`;
}
