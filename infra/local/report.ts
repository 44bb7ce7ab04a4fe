import { Failure } from "#shared/kernel/failure";

/** The operator's log: one JSON line on standard error. Failures carry no secrets; stacks only of what is unexpected. */
export function report(error: unknown, context: object): void {
  const what =
    error instanceof Failure
      ? { code: error.code, message: error.message, place: error.place, cause: causeOf(error) }
      : { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level: "error", ...context, ...what })}\n`);
}

const causeOf = ({ cause }: Failure): string | undefined => (cause instanceof Error ? cause.message : undefined);
