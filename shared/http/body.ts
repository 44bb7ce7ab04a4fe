import { Failure } from "#shared/kernel/failure";
import { utf8Text } from "#shared/kernel/bytes";
import { assertShallow, jsonProblem } from "#shared/kernel/json";
import { mediaTypeOf } from "./media-type.ts";

/** @throws Failure `too_large` before more than `maxBytes` were read */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): never => {
    throw new Failure("too_large", `the body is larger than ${maxBytes} bytes`);
  };
  const announced = request.headers.get("content-length");
  if (Number(announced ?? 0) > maxBytes) tooLarge();
  // HTTP holds the sender to an announced length, and reading it whole is far cheaper than a web stream.
  if (announced !== null) {
    const whole = new Uint8Array(await request.arrayBuffer());
    return whole.length > maxBytes ? tooLarge() : whole;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * The same request with all of its body here: whoever reads it afterwards waits for no sender.
 * @throws Failure `too_large` before more than `maxBytes` were read
 */
export async function received(request: Request, maxBytes: number): Promise<Request> {
  const body = new Uint8Array(await readBody(request, maxBytes));
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

/** One JSON object. @throws Failure `not_acceptable_media`, `malformed`, `too_large` */
export async function readJson(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const type = mediaTypeOf(request.headers);
  const bytes = await readBody(request, maxBytes);
  if (bytes.length === 0) return {};
  if (type !== "application/json")
    throw new Failure("not_acceptable_media", "send the body as content-type: application/json");
  let value: unknown;
  try {
    value = JSON.parse(utf8Text(bytes));
  } catch (cause) {
    throw new Failure("malformed", `the body is not one JSON value: ${jsonProblem(cause)}`);
  }
  assertShallow(value, "the body");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Failure("malformed", "the body must be a JSON object");
  return value as Record<string, unknown>;
}
