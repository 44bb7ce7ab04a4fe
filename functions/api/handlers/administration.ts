/** What is set up, kept track of or put right. */
import { accessHandlers } from "./access.ts";
import { circuitHandlers } from "./circuits.ts";
import { enrolmentCredentialHandlers } from "./enrolment-credentials.ts";
import { enrolmentEndpointHandlers } from "./enrolment-endpoints.ts";
import { enrolmentRequestHandlers } from "./enrolment-requests.ts";
import { identityHandlers } from "./identities.ts";
import { issuerHandlers } from "./issuers.ts";
import { outboxHandlers } from "./outbox.ts";
import { ownerHandlers } from "./owners.ts";
import { profileHandlers } from "./profiles.ts";
import { projectionHandlers } from "./projections.ts";
import { revocationHandlers } from "./revocations.ts";
import { sessionHandlers } from "./sessions.ts";
import { statusHandlers } from "./status.ts";

export const administrationHandlers = {
  ...accessHandlers,
  ...circuitHandlers,
  ...enrolmentCredentialHandlers,
  ...enrolmentEndpointHandlers,
  ...enrolmentRequestHandlers,
  ...identityHandlers,
  ...issuerHandlers,
  ...outboxHandlers,
  ...ownerHandlers,
  ...profileHandlers,
  ...projectionHandlers,
  ...revocationHandlers,
  ...sessionHandlers,
  ...statusHandlers,
};
