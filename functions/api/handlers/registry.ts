import type { OperationId } from "#shared/contracts/operations";
import type { Handler } from "../operation-handler.ts";
import { accessHandlers } from "./access.ts";
import { auditHandlers } from "./audit.ts";
import { certificateHandlers } from "./certificates.ts";
import { checkpointHandlers } from "./checkpoints.ts";
import { enrolmentCredentialHandlers } from "./enrolment-credentials.ts";
import { enrolmentEndpointHandlers } from "./enrolment-endpoints.ts";
import { enrolmentRequestHandlers } from "./enrolment-requests.ts";
import { identityHandlers } from "./identities.ts";
import { issuerHandlers } from "./issuers.ts";
import { outboxHandlers } from "./outbox.ts";
import { ownerHandlers } from "./owners.ts";
import { profileHandlers } from "./profiles.ts";
import { revocationHandlers } from "./revocations.ts";
import { statusHandlers } from "./status.ts";

/** Total over the contract: an operation without a handler does not compile. */
export const handlers: Readonly<Record<OperationId, Handler>> = {
  ...accessHandlers,
  ...auditHandlers,
  ...certificateHandlers,
  ...checkpointHandlers,
  ...enrolmentCredentialHandlers,
  ...enrolmentEndpointHandlers,
  ...enrolmentRequestHandlers,
  ...identityHandlers,
  ...issuerHandlers,
  ...outboxHandlers,
  ...ownerHandlers,
  ...profileHandlers,
  ...revocationHandlers,
  ...statusHandlers,
};
