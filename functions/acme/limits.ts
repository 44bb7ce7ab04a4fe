/** How much an account, an address and a name may ask for (I8; RFC 8555 6.6, 10.5). */
import type { AcmeAuthorizedName } from "#shared/domain/acme-authorization/acme-authorization";
import { clientNetwork } from "#shared/pki/ip";
import type { EnrolmentLimits } from "../function.ts";
import { AcmeError } from "./problem.ts";

const limited = (detail: string, retryAfterSeconds: number): AcmeError =>
  new AcmeError("rateLimited", detail, { headers: { "retry-after": String(retryAfterSeconds) } });

/** @throws AcmeError `rateLimited` with Retry-After */
export function takeForSubject({ perSubject }: EnrolmentLimits, subject: string, what: string): void {
  const permit = perSubject.take(subject);
  if (!permit.ok) throw limited(`too many ${what} of late; come back in ${permit.retryAfter} s`, permit.retryAfter);
}

/** @throws AcmeError `rateLimited` with Retry-After */
export function takeForAddress(limits: EnrolmentLimits, address: string): void {
  takeForSubject(limits, `address/${clientNetwork(address)}`, "new accounts from this address");
}

/** @throws AcmeError `rateLimited` with Retry-After */
export function takeForName({ perName }: EnrolmentLimits, tenant: string, name: string): void {
  const permit = perName.take(`${tenant}/${name}`);
  if (!permit.ok)
    throw limited(`too many orders for ${name} of late; come back in ${permit.retryAfter} s`, permit.retryAfter);
}

const failuresInWindow = 5;
const windowMs = 3_600_000;

/** Who keeps failing for a name waits: a script in a loop must not keep us asking. @throws AcmeError `rateLimited` */
export function assertFewFailures(known: AcmeAuthorizedName | undefined, name: string, nowMs: number): void {
  const recent = (known?.failures ?? []).filter((time) => Date.parse(time) > nowMs - windowMs);
  const oldest = recent.at(-failuresInWindow);
  if (oldest === undefined) return;
  const seconds = Math.max(1, Math.ceil((Date.parse(oldest) + windowMs - nowMs) / 1000));
  throw limited(
    `${recent.length} validations of ${name} failed within an hour; mend what fails and come back in ${seconds} s`,
    seconds,
  );
}
