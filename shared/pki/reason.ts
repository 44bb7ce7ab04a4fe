/** CRLReason (RFC 5280 5.3.1). 7 is not used. */
import { Failure } from "#shared/kernel/failure";

export const reasonCodes = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type ReasonName = keyof typeof reasonCodes;

export const reasonNames = Object.keys(reasonCodes) as ReasonName[];

const byCode = new Map<number, ReasonName>(reasonNames.map((name) => [reasonCodes[name], name]));

/** @throws Failure `malformed` */
export function reasonOf(code: number, field?: string): ReasonName {
  const name = byCode.get(code);
  if (name === undefined)
    throw new Failure("malformed", `CRLReason ${code} is not defined`, field === undefined ? {} : { field });
  return name;
}
