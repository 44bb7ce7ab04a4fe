import { auditOperations } from "#shared/contracts/api/audit";
import { checkpointOperations } from "#shared/contracts/api/checkpoints";
import type { OperationId } from "#shared/contracts/operations";
import type { Handler } from "../operation-handler.ts";
import type { administrationHandlers } from "./administration.ts";
import type { auditingHandlers } from "./auditing.ts";
import { certificateHandlers } from "./certificates.ts";

type Loaded = keyof typeof administrationHandlers | keyof typeof auditingHandlers;
type Some = Readonly<Partial<Record<OperationId, Handler>>>;

/** What is asked all day. Total over the contract with what is loaded: an operation without a handler does not compile. */
const hot: Readonly<Record<Exclude<OperationId, Loaded>, Handler>> = certificateHandlers;

const auditing: ReadonlySet<string> = new Set(
  [...Object.values(auditOperations), ...Object.values(checkpointOperations)].map(({ id }) => id),
);

/** The rest is loaded by the first who asks: a cold start reads less. */
async function handlersWith(operation: OperationId): Promise<Some> {
  if (operation in hot) return hot;
  return auditing.has(operation)
    ? (await import("./auditing.ts")).auditingHandlers
    : (await import("./administration.ts")).administrationHandlers;
}

export async function handlerOf(operation: OperationId): Promise<Handler> {
  const handler = (await handlersWith(operation))[operation];
  if (handler === undefined) throw new TypeError(`no handler: ${operation}`);
  return handler;
}
