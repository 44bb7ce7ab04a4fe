import type { OperationId } from "#shared/contracts/operations";
import type { Handler } from "../operation-handler.ts";
import type { accessHandlers } from "./access.ts";
import type { auditHandlers } from "./audit.ts";
import { certificateHandlers } from "./certificates.ts";
import type { checkpointHandlers } from "./checkpoints.ts";
import type { circuitHandlers } from "./circuits.ts";
import type { enrolmentCredentialHandlers } from "./enrolment-credentials.ts";
import type { enrolmentEndpointHandlers } from "./enrolment-endpoints.ts";
import type { enrolmentRequestHandlers } from "./enrolment-requests.ts";
import type { identityHandlers } from "./identities.ts";
import type { issuerHandlers } from "./issuers.ts";
import type { outboxHandlers } from "./outbox.ts";
import type { ownerHandlers } from "./owners.ts";
import type { profileHandlers } from "./profiles.ts";
import type { projectionHandlers } from "./projections.ts";
import type { revocationHandlers } from "./revocations.ts";
import type { sessionHandlers } from "./sessions.ts";
import type { statusHandlers } from "./status.ts";

type Auditing = typeof auditHandlers & typeof checkpointHandlers;
type Administration = typeof accessHandlers &
  typeof circuitHandlers &
  typeof enrolmentCredentialHandlers &
  typeof enrolmentEndpointHandlers &
  typeof enrolmentRequestHandlers &
  typeof identityHandlers &
  typeof issuerHandlers &
  typeof outboxHandlers &
  typeof ownerHandlers &
  typeof profileHandlers &
  typeof projectionHandlers &
  typeof revocationHandlers &
  typeof sessionHandlers &
  typeof statusHandlers;

type Handlers<T> = Readonly<Record<keyof T, Handler>>;

/** What is asked all day. Total over the contract with the other two: an operation without a handler does not compile. */
const handlers: Readonly<Record<Exclude<OperationId, keyof Auditing | keyof Administration>, Handler>> = {
  ...certificateHandlers,
};

/** What auditors ask brings the tree, its proofs and the reconciliation along: loaded by the first who asks. */
async function auditing(): Promise<Handlers<Auditing>> {
  const [audit, checkpoints] = await Promise.all([import("./audit.ts"), import("./checkpoints.ts")]);
  return { ...audit.auditHandlers, ...checkpoints.checkpointHandlers };
}

/** What is set up, kept track of or put right, likewise. */
async function administration(): Promise<Handlers<Administration>> {
  const [
    access,
    circuits,
    credentials,
    endpoints,
    requests,
    identities,
    issuers,
    outbox,
    owners,
    profiles,
    projections,
    revocations,
    sessions,
    status,
  ] = await Promise.all([
    import("./access.ts"),
    import("./circuits.ts"),
    import("./enrolment-credentials.ts"),
    import("./enrolment-endpoints.ts"),
    import("./enrolment-requests.ts"),
    import("./identities.ts"),
    import("./issuers.ts"),
    import("./outbox.ts"),
    import("./owners.ts"),
    import("./profiles.ts"),
    import("./projections.ts"),
    import("./revocations.ts"),
    import("./sessions.ts"),
    import("./status.ts"),
  ]);
  return {
    ...access.accessHandlers,
    ...circuits.circuitHandlers,
    ...credentials.enrolmentCredentialHandlers,
    ...endpoints.enrolmentEndpointHandlers,
    ...requests.enrolmentRequestHandlers,
    ...identities.identityHandlers,
    ...issuers.issuerHandlers,
    ...outbox.outboxHandlers,
    ...owners.ownerHandlers,
    ...profiles.profileHandlers,
    ...projections.projectionHandlers,
    ...revocations.revocationHandlers,
    ...sessions.sessionHandlers,
    ...status.statusHandlers,
  };
}

export async function handlerOf(operation: OperationId): Promise<Handler> {
  let all: Readonly<Partial<Record<OperationId, Handler>>> = handlers;
  all = operation in all ? all : await administration();
  all = operation in all ? all : await auditing();
  const handler = all[operation];
  if (handler === undefined) throw new TypeError(`no handler: ${operation}`);
  return handler;
}
