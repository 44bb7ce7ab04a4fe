/** What a lint rule is (DESIGN §2a): one requirement of one clause, judged on what is about to be signed. */
import type { RuleSet } from "#shared/kernel/rule-set";
import type { TbsCertificate } from "../certificate.ts";
import type { TbsCertList } from "../crl-values.ts";
import type { ResponseData } from "../ocsp-values.ts";
import type { SignatureAlgorithm } from "../signature-algorithm.ts";

/** An error stops the signature; a warning is what an author of profiles is told. */
export type Severity = "error" | "warning";

/** Says that the requirement is broken; once for each violation. */
export type Report = (message: string) => void;

interface RuleFacts<Kind extends string> {
  /** Kebab-case, the file's name. */
  readonly id: string;
  readonly severity: Severity;
  /** Document and clause. */
  readonly source: string;
  /** Whom it binds. */
  readonly set: RuleSet;
  readonly appliesTo: readonly Kind[];
  /** `YYYY-MM-DD`: nothing that begins earlier is judged by it. */
  readonly effective: string;
}

export type CertificateKind = "root" | "issuing-ca" | "leaf" | "ocsp-responder" | "ra";

export interface CertificateContext {
  /** What it is meant to be. */
  readonly kind: CertificateKind;
  /** The certificate of the CA that will sign; absent for a root. */
  readonly issuer?: TbsCertificate | undefined;
  readonly maxValiditySeconds?: number | undefined;
  /** The moment of signing. */
  readonly nowMs?: number | undefined;
}

export interface CertificateRule extends RuleFacts<CertificateKind> {
  /** Pure. */
  check(tbs: TbsCertificate, report: Report, context: CertificateContext): void;
}

export type CrlKind = "crl" | "delta-crl";

export interface CrlContext {
  readonly issuer?: TbsCertificate | undefined;
}

export interface CrlRule extends RuleFacts<CrlKind> {
  check(tbs: TbsCertList, report: Report, context: CrlContext): void;
}

export interface OcspContext {
  /** The certificate of the key that will sign. */
  readonly responder?: TbsCertificate | undefined;
  /** The CA whose certificates are asked about. */
  readonly issuer?: TbsCertificate | undefined;
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
}

export interface OcspRule extends RuleFacts<"ocsp"> {
  check(data: ResponseData, report: Report, context: OcspContext): void;
}

/** A whole object under the signature of a throw-away key. */
export interface WholeObject {
  readonly tbs: Uint8Array;
  readonly der: Uint8Array;
  readonly signature: Uint8Array;
  /** The throw-away key's SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
}

export type AnyKind = CertificateKind | CrlKind | "ocsp";

export interface WholeRule extends RuleFacts<AnyKind> {
  check(object: WholeObject, report: Report, kind: AnyKind): void | Promise<void>;
}

export type AnyRule = CertificateRule | CrlRule | OcspRule | WholeRule;

export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly source: string;
  readonly message: string;
}

export const everyCertificate: readonly CertificateKind[] = ["root", "issuing-ca", "leaf", "ocsp-responder", "ra"];
export const everyCa: readonly CertificateKind[] = ["root", "issuing-ca"];
export const endEntities: readonly CertificateKind[] = ["leaf", "ocsp-responder", "ra"];
export const everyCrl: readonly CrlKind[] = ["crl", "delta-crl"];
export const everyKind: readonly AnyKind[] = [...everyCertificate, ...everyCrl, "ocsp"];

/** When RFC 5280 came out. */
export const rfc5280Date = "2008-05-01";
