/** Idempotency-Key (I6): a fingerprint binds the key to the request, and a replay is answered from state. */
import { hmacSha256 } from "#shared/crypto/hmac";
import type { Principal } from "#shared/contracts/principal";
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { IdempotencyRecord } from "#shared/ports/event-log";

const shape = /^[\x21-\x7e]{8,200}$/;

/** @throws Failure `idempotency_key_missing` or `invalid_field` */
export function idempotencyKeyOf(headers: Headers): string {
  const key = headers.get("idempotency-key");
  if (key === null)
    throw new Failure(
      "idempotency_key_missing",
      "send an Idempotency-Key header: 8 to 200 printable characters, new for each operation, the same when you try one again",
      { field: "Idempotency-Key" },
    );
  if (!shape.test(key))
    throw new Failure("invalid_field", "Idempotency-Key must be 8 to 200 printable ASCII characters without spaces", {
      field: "Idempotency-Key",
    });
  return key;
}

/** HMAC over everything that makes the request this request. `key` is the tenant's own. */
export const fingerprint = (
  key: Uint8Array,
  method: string,
  path: string,
  principal: Principal,
  body: unknown,
): string => hex(hmacSha256(key, JSON.stringify([method, path, principal.subject, body])));

/** @throws Failure `idempotency_mismatch` */
export function assertSameRequest(record: IdempotencyRecord, print: string): void {
  if (record.fingerprint !== print)
    throw new Failure("idempotency_mismatch", "this Idempotency-Key was used for another request; take a new key", {
      field: "Idempotency-Key",
    });
}
