/** What a CertRep refuses with a failInfo that does not follow from the code alone. */
import { Failure, type FailureCode } from "#shared/kernel/failure";
import type { FailInfo } from "#shared/pki/scep/cert-rep-attributes";

const codes: Readonly<Record<FailInfo, FailureCode>> = {
  badAlg: "unprocessable",
  badMessageCheck: "malformed",
  badRequest: "malformed",
  badTime: "unprocessable",
  badCertId: "not_found",
};

/** @param text for the person at the client */
export const refused = (failInfo: FailInfo, text: string, cause?: unknown): Failure =>
  new Failure(codes[failInfo], text, { extensions: { failInfo }, cause });

/**
 * One answer for whatever keeps a message from being what its signer wrote: a wrong key, wrong padding, content that is no
 * request, or another one's. Told apart, they would open the envelopes of others, bit by bit (docs/design/0053).
 */
export const unopened = (cause?: unknown): Failure =>
  refused(
    "badMessageCheck",
    "the envelope does not open, or holds no request of the signer: encrypt to the RA certificate of GetCACert; a request must be signed by its own key (SHA-256), and a PKCSReq by a self-signed certificate of that key",
    cause,
  );
