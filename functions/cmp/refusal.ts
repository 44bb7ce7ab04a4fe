/** What went wrong, in CMP's words: PKIFailureInfo (RFC 9810 5.2.3), by one total map. */
import { Failure, type FailureCode, isFailure } from "#shared/kernel/failure";
import type { Decision } from "#shared/http/protocol-requests";
import { type FailureInfo, failureInfoBits, type StatusInfo } from "#shared/pki/cmp/status";

interface Meaning {
  readonly failInfo: FailureInfo;
  readonly decision: Decision;
}

const deny = (failInfo: FailureInfo): Meaning => ({ failInfo, decision: "deny" });
const fault = (failInfo: FailureInfo): Meaning => ({ failInfo, decision: "error" });
const shed: Meaning = { failInfo: "systemUnavail", decision: "shed" };

const meanings = {
  malformed: deny("badDataFormat"),
  invalid_field: deny("badCertTemplate"),
  idempotency_key_missing: fault("systemFailure"),
  idempotency_mismatch: deny("transactionIdInUse"),
  idempotency_replayed: fault("systemFailure"),
  unauthenticated: deny("badMessageCheck"),
  forbidden: deny("notAuthorized"),
  not_found: deny("wrongAuthority"),
  method_not_allowed: deny("badRequest"),
  not_acceptable_media: deny("badDataFormat"),
  host_refused: deny("wrongAuthority"),
  conflict: deny("badRequest"),
  invalid_transition: deny("badRequest"),
  unprocessable: deny("badCertTemplate"),
  too_large: deny("badDataFormat"),
  rate_limited: shed,
  overloaded: shed,
  unavailable: shed,
  guard_refused: deny("badCertTemplate"),
  corrupt: fault("systemFailure"),
  misconfigured: fault("systemFailure"),
  internal: fault("systemFailure"),
} as const satisfies Record<FailureCode, Meaning>;

/** A refusal that says more than its code: with the bit that the standard has for it. */
export const refuse = (failInfo: FailureInfo, detail: string, cause?: unknown): Failure =>
  new Failure("unprocessable", detail, { extensions: { failInfo }, cause });

const isFailureInfo = (value: unknown): value is FailureInfo =>
  typeof value === "string" && Object.hasOwn(failureInfoBits, value);

export interface Refused {
  readonly info: StatusInfo & { readonly failInfo: readonly [FailureInfo] };
  readonly decision: Decision;
}

/** Defects are shown to nobody. */
export function refusedBy(error: unknown): Refused {
  const rejection = (failInfo: FailureInfo, text: string, decision: Decision): Refused => ({
    info: { status: "rejection", text, failInfo: [failInfo] },
    decision,
  });
  if (!isFailure(error)) return rejection("systemFailure", "internal error; try again later", "error");
  const { failInfo, decision } = meanings[error.code];
  const named = error.extensions?.failInfo;
  const text = decision === "error" ? "internal error; try again later" : error.message;
  return rejection(isFailureInfo(named) ? named : failInfo, text, decision);
}

/** Runs what reads or checks, so that its refusal gets the bit that fits there. */
export async function meaning<T>(failInfo: FailureInfo, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const ours =
      isFailure(error, "malformed") || isFailure(error, "invalid_field") || isFailure(error, "unauthenticated");
    throw ours ? refuse(failInfo, error.message, error) : error;
  }
}
