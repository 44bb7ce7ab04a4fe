/**
 * The signer's calls as the JSON that Lambda Invoke carries (at most 6 MB each way): `{header, payload?, gzip?}`, the payload in
 * base64, compressed where that is worth it. Both sides read and write it here.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SignerFrame } from "#shared/ports/signer-calls";

export interface SignerMessage {
  readonly header: object;
  /** Base64. */
  readonly payload?: string;
  readonly gzip?: true;
}

/** Lambda: 6,291,456 bytes for a synchronous invocation and for its answer. */
export const maxMessageBytes = 6_291_456;
/** Its journal record in an answer, base64 in JSON, gzipped, and base64 again, fits in a message whatever the bytes are. */
export const maxLambdaTbsBytes = 4 * 1024 * 1024;
/** What is smaller is sooner sent than compressed. */
const worthZipping = 256 * 1024;
/** An answer of the journal with one largest record, before it was compressed. */
const maxUnzipped = 8 * 1024 * 1024;

/** @throws Failure `too_large` */
export function signerMessage({
  header,
  payload,
}: {
  readonly header: object;
  readonly payload?: Uint8Array;
}): SignerMessage {
  const zipped = payload !== undefined && payload.length > worthZipping ? gzipSync(payload, { level: 1 }) : undefined;
  const bytes = zipped !== undefined && zipped.length < (payload?.length ?? 0) ? zipped : payload;
  const message: SignerMessage = {
    header,
    ...(bytes !== undefined && bytes.length > 0 && { payload: base64(bytes) }),
    ...(bytes !== undefined && bytes === zipped && { gzip: true as const }),
  };
  const size = JSON.stringify({ ...message, payload: "" }).length + (message.payload?.length ?? 0);
  if (size > maxMessageBytes)
    throw new Failure(
      "too_large",
      `the signer takes and gives ${maxMessageBytes} bytes at once, not ${size}; a CRL that large wants more shards`,
    );
  return message;
}

/** @param value what JSON gave @throws Failure `malformed` */
export function readSignerMessage(value: unknown): SignerFrame {
  const refuse = (what: string, cause?: unknown): never => {
    throw new Failure("malformed", `a call of the signer is {header, payload, gzip}: ${what}`, { cause });
  };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("it is no object");
  const { header, payload = "", gzip, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return refuse("there is a field that is none of these");
  if (typeof header !== "object" || header === null || Array.isArray(header)) return refuse("header is no object");
  if (typeof payload !== "string") return refuse("payload is no text");
  if (gzip !== undefined && gzip !== true) return refuse("gzip is true or absent");
  const bytes = fromBase64(payload);
  if (base64(bytes) !== payload) return refuse("payload is no base64");
  if (gzip === undefined) return { header: header as SignerFrame["header"], payload: bytes };
  try {
    const unzipped = new Uint8Array(gunzipSync(bytes, { maxOutputLength: maxUnzipped }));
    return { header: header as SignerFrame["header"], payload: unzipped };
  } catch (cause) {
    return refuse(`payload is no gzip of at most ${maxUnzipped} bytes`, cause);
  }
}
