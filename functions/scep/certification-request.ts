/** PKCSReq and RenewalReq (RFC 8894 3.3.1): a certificate for a client that shows a challenge or its old certificate. */
import { sha256Parts } from "#shared/crypto/hash";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { certsOnly } from "#shared/pki/cms/certs-only";
import { type Csr, parseCsr, verifyCsr } from "#shared/pki/csr";
import { messageTypes } from "#shared/pki/scep/message-types";
import { certificateRequest } from "#shared/usecases/certificate-request";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { checkCredential } from "#shared/usecases/enrolment-credentials";
import { enrol } from "#shared/usecases/enrol";
import type { Present } from "#shared/usecases/load";
import { readContent } from "./open-message.ts";
import type { Received } from "./received.ts";
import { unopened } from "./refused.ts";
import { bindTransaction, boundTransaction } from "./transaction.ts";

export async function certificationRequest(received: Received): Promise<Uint8Array | undefined> {
  const { deps, endpoint, message, trace } = received;
  const csr = await readContent(received.content, async (der) => {
    const parsed = parseCsr(der);
    await verifyCsr(parsed);
    return parsed;
  });
  const client = await authenticate(received, csr);
  const { transactionId, certificate } = message;
  const transaction = sha256Parts(
    "trstctl/scep-transaction/1",
    transactionId,
    client.subject,
    certificate.key.spki,
    csr.der,
  );
  await boundTransaction(received); // refuses what is another key's
  const outcome = await enrol(deps, {
    ...client,
    endpoint,
    protocol: "scep",
    transaction,
    request: { proven: certificateRequest(csr), bytes: csr.der },
    trace,
  });
  await bindTransaction(received, { transaction, keys: [certificate.key.spki, csr.key.spki] });
  return "issued" in outcome ? certsOnly([outcome.issued.der]) : undefined;
}

interface Client {
  /** For the audit trail. */
  readonly subject: string;
  readonly credential?: Present<"enrolment-credential">;
  readonly renews?: Present<"certificate">;
}

/**
 * A RenewalReq is signed by the certificate that it renews. A PKCSReq brings a challenge; signed by a certificate of ours
 * instead of a self-signed one it is a renewal as clients from before RFC 8894 ask for it.
 */
async function authenticate(received: Received, csr: Csr): Promise<Client> {
  const { certificate, messageType } = received.message;
  if (messageType === messageTypes.RenewalReq) return byCertificate(received);
  const selfSigned = sameBytes(certificate.issuerDer, certificate.subjectDer);
  const renewing = selfSigned ? undefined : await byCertificate(received).catch(unlessUnauthenticated);
  if (renewing !== undefined) return renewing;
  // Whoever could wrap an envelope of somebody else into a message of his own would be sent that one's certificate.
  if (!sameBytes(certificate.key.spki, csr.key.spki)) throw unopened();
  return byChallenge(received, csr.challengePassword);
}

function unlessUnauthenticated(error: unknown): undefined {
  if (!isFailure(error, "unauthenticated")) throw error;
}

async function byCertificate({ deps, endpoint, issuer, message }: Received): Promise<Client> {
  const renews = await presentedCertificate(deps, endpoint, message.certificate.der);
  if (renews.state.issuer !== issuer.id)
    throw new Failure(
      "unauthenticated",
      "the certificate that signed is of another CA than this endpoint's; renew it where it was issued, or enrol anew",
    );
  return { subject: `scep:certificate/${renews.id}`, renews };
}

async function byChallenge({ deps, endpoint }: Received, challenge: string | undefined): Promise<Client> {
  if (!endpoint.state.auth.includes("secret"))
    throw new Failure(
      "unauthenticated",
      "this endpoint takes no challengePassword; it only renews certificates, by a RenewalReq that the old certificate signs",
    );
  const [, id, secret] = /^([^.]{1,100})\.(.*)$/s.exec(challenge ?? "") ?? [];
  if (id === undefined || secret === undefined)
    throw new Failure(
      "unauthenticated",
      "challengePassword must be <credential id>.<secret> of an enrolment credential of this endpoint",
    );
  const credential = await checkCredential(deps, endpoint, id, secret);
  return { subject: `scep:credential/${id}`, credential };
}
