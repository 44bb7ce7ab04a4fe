import type { TbsCertificate } from "../certificate.ts";

export interface LintContext {
  readonly maxValiditySeconds?: number;
  /** The certificate of the CA that will sign. */
  readonly issuerCertificate?: TbsCertificate;
  /** What the profile meant to issue. */
  readonly expect?: "leaf" | "ca";
}

/** One requirement, named by the clause that it comes from. */
export interface Rule {
  readonly code: string;
  readonly source: string;
  /** One message for each violation; none when fine. Pure. */
  check(tbs: TbsCertificate, context: LintContext): readonly string[];
}

export interface Finding {
  readonly code: string;
  readonly source: string;
  readonly message: string;
}

/** The message when the requirement is broken. */
export const unless = (holds: boolean, message: string): readonly string[] => (holds ? [] : [message]);

export const isCa = (tbs: TbsCertificate): boolean => tbs.basicConstraints?.ca === true;
export const hasPurpose = (tbs: TbsCertificate, purpose: string): boolean =>
  tbs.extKeyUsage?.includes(purpose) === true;
