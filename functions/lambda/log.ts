/** The operator's log: one JSON line each, of these fields and no others. No body, no header, no payload is ever among them. */
import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import { Failure } from "#shared/kernel/failure";

/** What `report` is told beside the error. */
const contextFields = [
  "duty",
  "tenant",
  "issuer",
  "operation",
  "route",
  "trace",
  "id",
  "attempts",
  "dead",
  "destination",
  "queue",
  "sequence",
  "requestId",
] as const;

class AllowList extends LogFormatter {
  formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { code, cause, place } = additional as Readonly<Partial<Record<"code" | "cause" | "place", unknown>>>;
    const line: Record<string, unknown> = {
      time: attributes.timestamp.toISOString(),
      level: attributes.logLevel.toLowerCase(),
      function: attributes.serviceName,
      requestId: attributes.awsRequestId,
      trace_root: attributes.xRayTraceId,
      message: attributes.message,
      code,
      place,
      cause,
    };
    for (const field of contextFields) {
      const value = additional[field];
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") line[field] = value;
    }
    return new LogItem({ attributes: line as LogAttributes });
  }
}

export const loggerOf = (functionName: string): Logger =>
  new Logger({ serviceName: functionName, logFormatter: new AllowList(), logLevel: "INFO" });

export type Report = (error: unknown, context: object) => void;

/** Failures carry no secrets; stacks only of what is unexpected. */
export const reportTo =
  (logger: Logger): Report =>
  (error, context) => {
    const failure = error instanceof Failure ? error : undefined;
    const message = failure?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
    const cause = failure?.cause instanceof Error ? failure.cause.message : undefined;
    logger.error(message, {
      ...context,
      code: failure?.code ?? "defect",
      place: failure?.place,
      ...(cause !== undefined && { cause }),
    });
  };
