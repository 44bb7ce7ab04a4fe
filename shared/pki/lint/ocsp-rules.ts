/** Every rule for OCSP responses, one line each. */
import { ocspCertId } from "./ocsp/ocsp-cert-id.ts";
import { ocspCertIdsUnique } from "./ocsp/ocsp-cert-ids-unique.ts";
import { ocspNonce } from "./ocsp/ocsp-nonce.ts";
import { ocspReason } from "./ocsp/ocsp-reason.ts";
import { ocspResponderAuthorized } from "./ocsp/ocsp-responder-authorized.ts";
import { ocspResponderId } from "./ocsp/ocsp-responder-id.ts";
import { ocspResponderValid } from "./ocsp/ocsp-responder-valid.ts";
import { ocspRevocationTime } from "./ocsp/ocsp-revocation-time.ts";
import { ocspSignatureAlgorithm } from "./ocsp/ocsp-signature-algorithm.ts";
import { ocspSingleResponse } from "./ocsp/ocsp-single-response.ts";
import { ocspTimes } from "./ocsp/ocsp-times.ts";
import { tlsOcspLifetime } from "./ocsp/tls-ocsp-lifetime.ts";
import { tlsOcspReason } from "./ocsp/tls-ocsp-reason.ts";
import type { OcspRule } from "./rule.ts";

export const ocspRules: readonly OcspRule[] = [
  ocspResponderId,
  ocspResponderAuthorized,
  ocspResponderValid,
  ocspSignatureAlgorithm,
  ocspTimes,
  ocspRevocationTime,
  ocspReason,
  ocspCertId,
  ocspCertIdsUnique,
  ocspSingleResponse,
  ocspNonce,
  tlsOcspLifetime,
  tlsOcspReason,
];
