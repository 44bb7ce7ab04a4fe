/** Lambda shell of the signer, for direct invocation by the functions that may. */
import middy from "@middy/core";
import { loggerOf, reportTo } from "#functions/lambda/log";
import type { SignerMessage } from "#shared/adapters/aws/signer-wire";
import { type SignerFunction, serveCall } from "./app.ts";
import { openSignerFunction } from "./open.ts";

const logger = loggerOf("signer");
const report = reportTo(logger);

let opening: Promise<SignerFunction> | undefined;

/** At the cold start; and again when that failed, for what was out for a moment. */
function open(): Promise<SignerFunction> {
  opening ??= openSignerFunction(process.env, (line) => logger.warn(line)).catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

open().catch(() => undefined); // whoever asks first hears of it

export const handler = middy<unknown, SignerMessage>().handler((event, context) => {
  logger.addContext(context);
  return serveCall(event, open, (error) => report(error, {}));
});
