/** The payload of a signed request: JSON by a schema; what the schema does not know is ignored (RFC 8555 7.1). */
import type * as z from "zod";
import { parseJson } from "#shared/crypto/jose/jws";
import { validate } from "#shared/http/validate";
import { AcmeError } from "./problem.ts";

/** @throws Failure `malformed`, `invalid_field` */
export const jsonPayload = <S extends z.ZodType>(schema: S, payload: Uint8Array): z.output<S> =>
  validate(schema, parseJson(payload, "the payload"));

export const isPostAsGet = (payload: Uint8Array): boolean => payload.length === 0;

/** RFC 8555 6.3. @throws AcmeError `malformed` */
export function assertPostAsGet(payload: Uint8Array): void {
  if (!isPostAsGet(payload))
    throw new AcmeError(
      "malformed",
      "this resource is only read: the payload must be empty (POST-as-GET, RFC 8555 6.3)",
    );
}
