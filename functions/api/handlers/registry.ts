import type { OperationId } from "#shared/contracts/operations";
import type { Handler } from "../operation-handler.ts";
import { accessHandlers } from "./access.ts";
import type { auditHandlers } from "./audit.ts";
import { certificateHandlers } from "./certificates.ts";
import type { checkpointHandlers } from "./checkpoints.ts";
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

type Rare = typeof auditHandlers & typeof checkpointHandlers;

/** Total over the contract: an operation without a handler does not compile. */
const handlers: Readonly<Record<Exclude<OperationId, keyof Rare>, Handler>> = {
  ...accessHandlers,
  ...certificateHandlers,
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

/** What auditors ask brings the tree, its proofs and the reconciliation along: loaded by the first who asks. */
async function rareHandlers(): Promise<Readonly<Record<keyof Rare, Handler>>> {
  const [audit, checkpoints] = await Promise.all([import("./audit.ts"), import("./checkpoints.ts")]);
  return { ...audit.auditHandlers, ...checkpoints.checkpointHandlers };
}

export async function handlerOf(operation: OperationId): Promise<Handler> {
  const all: Readonly<Partial<Record<OperationId, Handler>>> = handlers;
  const handler = all[operation] ?? (await rareHandlers())[operation as keyof Rare];
  if (handler === undefined) throw new TypeError(`no handler: ${operation}`);
  return handler;
}
