/** Whoever speaks for an issuer under a short certificate: its OCSP responder, its RA. */
interface Ending {
  /** RFC 3339. */
  readonly not_after: string;
}

/** Whether its certificate has more than the margin left, or ends with the issuer, so that none could end later. */
export function delegateIsFresh(current: Ending | undefined, issuer: Ending, marginMs: number, now: number): boolean {
  if (current === undefined) return false;
  const left = Date.parse(current.not_after) - now;
  return left > marginMs || (left > 0 && current.not_after === issuer.not_after);
}
