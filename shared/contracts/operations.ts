import { accessOperations } from "./api/access.ts";
import { auditOperations } from "./api/audit.ts";
import { checkpointOperations } from "./api/checkpoints.ts";
import { circuitOperations } from "./api/circuits.ts";
import { certificateOperations } from "./api/certificates.ts";
import { enrolmentCredentialOperations } from "./api/enrolment-credentials.ts";
import { enrolmentEndpointOperations } from "./api/enrolment-endpoints.ts";
import { enrolmentRequestOperations } from "./api/enrolment-requests.ts";
import { identityOperations } from "./api/identities.ts";
import { issuerOperations } from "./api/issuers.ts";
import { outboxOperations } from "./api/outbox.ts";
import { ownerOperations } from "./api/owners.ts";
import { projectionOperations } from "./api/projections.ts";
import { profileOperations } from "./api/profiles.ts";
import { revocationOperations } from "./api/revocations.ts";
import { sessionOperations } from "./api/sessions.ts";
import { statusOperations } from "./api/status.ts";
import type { Operation } from "./operation.ts";

const groups = {
  owners: ownerOperations,
  issuers: issuerOperations,
  identities: identityOperations,
  certificates: certificateOperations,
  revocations: revocationOperations,
  profiles: profileOperations,
  "enrolment-endpoints": enrolmentEndpointOperations,
  "enrolment-credentials": enrolmentCredentialOperations,
  "enrolment-requests": enrolmentRequestOperations,
  access: accessOperations,
  sessions: sessionOperations,
  audit: auditOperations,
  checkpoints: checkpointOperations,
  outbox: outboxOperations,
  circuits: circuitOperations,
  projections: projectionOperations,
  status: statusOperations,
} as const;

type Groups = typeof groups;

/** Closed: whoever serves operations has a row for each of these. */
export type OperationId = {
  [G in keyof Groups]: { [O in keyof Groups[G]]: Groups[G][O] extends { id: infer Id } ? Id : never }[keyof Groups[G]];
}[keyof Groups];

/** Every operation of the tenant API, in the order of the document. */
export const operations: readonly (Operation & { readonly id: OperationId })[] = Object.values(groups).flatMap(
  (group) => Object.values<Operation & { readonly id: OperationId }>(group),
);
