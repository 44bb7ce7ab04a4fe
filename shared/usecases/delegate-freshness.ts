/** Whoever speaks for an issuer under a short certificate: its OCSP responder, its RA. */
interface Validity {
  /** RFC 3339. */
  readonly not_before: string;
  readonly not_after: string;
}

/** It has begun, which it has not when the clock was set back, and has not ended. */
export const isInForce = ({ not_before, not_after }: Validity, now: number): boolean =>
  Date.parse(not_before) <= now && Date.parse(not_after) > now;

/** Whether it is in force with more than the margin left, or ends with the issuer, so that none could end later. */
export function delegateIsFresh(
  current: Validity | undefined,
  issuer: Pick<Validity, "not_after">,
  marginMs: number,
  now: number,
): boolean {
  if (current === undefined || !isInForce(current, now)) return false;
  return Date.parse(current.not_after) - now > marginMs || current.not_after === issuer.not_after;
}
