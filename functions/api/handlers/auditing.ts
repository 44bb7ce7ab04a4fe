/** What auditors ask: it brings the tree, its proofs and the reconciliation along. */
import { auditHandlers } from "./audit.ts";
import { checkpointHandlers } from "./checkpoints.ts";

export const auditingHandlers = { ...auditHandlers, ...checkpointHandlers };
