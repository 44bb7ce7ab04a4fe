import type { Answer } from "#shared/http/answer";
import { readBody } from "#shared/http/body";
import { mediaTypeOf } from "#shared/http/media-type";
import { utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { decodeCsrText } from "#shared/pki/pem";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { BoundDeps, Peer } from "../function.ts";

/** One request at one endpoint. */
export interface Exchange {
  readonly deps: BoundDeps;
  readonly endpoint: Endpoint;
  readonly request: Request;
  readonly peer: Peer;
  /** Trace id. */
  readonly trace: string;
}

export interface Operation {
  readonly method: "GET" | "POST";
  run(exchange: Exchange): Promise<Answer>;
}

/** Of the body: base64 of a PKCS#10 request, whose DER may have 64 KiB. */
const maxBodyBytes = 96 * 1024;

/**
 * `application/pkcs10` (RFC 7030 4.2.1): base64 with whitespace wherever the client likes it, and whatever it says of a
 * transfer encoding (RFC 8951 3, 3.1). PEM is taken as well.
 * @returns DER of a PKCS#10 request, not looked into
 */
export async function readRequestBody({ request }: Exchange): Promise<Uint8Array> {
  const type = mediaTypeOf(request.headers);
  if (type !== "application/pkcs10")
    throw new Failure("not_acceptable_media", "send the request as Content-Type: application/pkcs10 (RFC 7030 4.2.1)");
  const bytes = await readBody(request, maxBodyBytes);
  let text: string;
  try {
    text = utf8Text(bytes);
  } catch (cause) {
    throw new Failure("malformed", "the body is not text: send base64 of the DER, not the DER itself", { cause });
  }
  return decodeCsrText(text, "csr");
}
