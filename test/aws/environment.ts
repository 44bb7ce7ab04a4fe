/** An execution environment of Lambda: one process with one handler, one event at a time. `node environment.ts <handler>` */
import type { Context } from "aws-lambda";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const timeoutMs = 28_000;

const { handler } = (await import(process.argv[2] ?? "")) as { readonly handler: Handler };

process.on("message", (event) => {
  const until = Date.now() + timeoutMs;
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => until - Date.now() } as Context;
  handler(event, context).then(
    (payload) => process.send?.({ payload: payload ?? null, failed: false }),
    ({ name, message }: Error) => process.send?.({ payload: { errorType: name, errorMessage: message }, failed: true }),
  );
});
process.send?.("ready");
