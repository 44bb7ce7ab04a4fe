/** Lambda shell of the signer, for direct invocation by the functions that may. */
import middy from "@middy/core";
import type { SignerMessage } from "#shared/adapters/aws/signer-wire";
import { Failure } from "#shared/kernel/failure";
import { type SignerFunction, serveCall } from "./app.ts";
import { openSignerFunction } from "./open.ts";

/** Failures carry no secrets; stacks only of what is unexpected. No event is ever among them. */
function report(error: unknown): void {
  const message =
    error instanceof Failure || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
  process.stdout.write(`${JSON.stringify({ level: "error", function: "signer", message })}\n`);
}

const warn = (message: string): void =>
  void process.stdout.write(`${JSON.stringify({ level: "warn", function: "signer", message })}\n`);

let opening: Promise<SignerFunction> | undefined;

/** At the cold start; and again when that failed, for what was out for a moment. */
function open(): Promise<SignerFunction> {
  opening ??= openSignerFunction(process.env, warn).catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

open().catch(() => undefined); // whoever asks first hears of it

export const handler = middy<unknown, SignerMessage>().handler((event) => serveCall(event, open, report));
