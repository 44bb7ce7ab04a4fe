/** GetCert and GetCRL (RFC 8894 3.3.4): what was issued, and what was revoked. */
import { certificateId } from "#shared/domain/certificate/certificate";
import { crlId } from "#shared/domain/crl/crl";
import { fromBase64, sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { parseCertificate } from "#shared/pki/certificate";
import { certsOnly } from "#shared/pki/cms/certs-only";
import { readDer } from "#shared/pki/der/reader";
import { parseIssuerAndSerial } from "#shared/pki/scep/message-data";
import { readSerial } from "#shared/pki/serial";
import { certificateDer } from "#shared/usecases/certificate-der";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";
import { readContent } from "./open-message.ts";
import type { Received } from "./received.ts";
import { refused } from "./refused.ts";

const unknown = (): Failure =>
  refused(
    "badCertId",
    "this endpoint's CA has no such certificate for whoever signed the message: sign with the key of the certificate, or with a certificate of the tenant that is in force",
  );

/** For whoever has the certificate's key, or a certificate in force: nobody else goes through what there is. */
export async function getCert(received: Received): Promise<Uint8Array> {
  const { deps, endpoint, message } = received;
  const certificate = await named(received);
  const der = fromBase64(await certificateDer(deps, endpoint.tenant, certificate));
  if (!sameBytes(parseCertificate(der).spki, message.certificate.key.spki))
    await presentedCertificate(deps, endpoint, message.certificate.der).catch((error: unknown) => {
      throw isFailure(error, "unauthenticated") ? unknown() : error;
    });
  return certsOnly([der]);
}

/** The shard that would list the certificate; CRLs are for everybody. */
export async function getCrl(received: Received): Promise<Uint8Array> {
  const { deps, endpoint, issuer } = received;
  const { state } = await named(received);
  const { state: crl } = await deps.log.load(endpoint.tenant, "crl", crlId(issuer.id, state.shard));
  const der = crl && (await deps.blob.get(crl.blob));
  if (der === undefined) throw new Failure("unavailable", "the CRL is being published", { retryAfter: 5 });
  return certsOnly([], [der]);
}

async function named(received: Received): Promise<Present<"certificate">> {
  const { deps, endpoint, issuer } = received;
  const { issuerDer, serialDer } = await readContent(received.content, (der) => parseIssuerAndSerial(der));
  const serial = await readContent(serialDer, (der) => readSerial(readDer(der)));
  if (!sameBytes(issuerDer, issuerMaterial(issuer.id, issuer.state).subjectDer)) throw unknown();
  const found = await deps.log.load(endpoint.tenant, "certificate", certificateId(issuer.id, serial));
  if (found.state === undefined) throw unknown();
  return found as Present<"certificate">;
}
