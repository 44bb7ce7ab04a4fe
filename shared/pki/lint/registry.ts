/**
 * The lints that run before anything is signed (DESIGN §2a): on the parsed TBS, all rules that bind it; on a whole object
 * under the signature of a throw-away key, those that need one.
 */
import type { RuleSet } from "#shared/kernel/rule-set";
import type { TbsCertificate } from "../certificate.ts";
import type { TbsCertList } from "../crl-values.ts";
import type { ResponseData } from "../ocsp-values.ts";
import { certificateRules } from "./certificate-rules.ts";
import { crlRules } from "./crl-rules.ts";
import { ocspRules } from "./ocsp-rules.ts";
import type {
  AnyKind,
  AnyRule,
  CertificateContext,
  CertificateRule,
  CrlContext,
  CrlKind,
  CrlRule,
  Finding,
  OcspContext,
  OcspRule,
  Report,
  WholeObject,
  WholeRule,
} from "./rule.ts";
import { wholeRules } from "./whole-rules.ts";

export const rules: readonly AnyRule[] = [...certificateRules, ...crlRules, ...ocspRules, ...wholeRules];

if (new Set(rules.map(({ id }) => id)).size !== rules.length)
  throw new TypeError("lint registry: two rules have the same id");

export interface LintScope {
  /** Which rules beside those that bind everything. */
  readonly conformsTo?: RuleSet | undefined;
  /** Default false: what would not stop a signature is not looked for. */
  readonly warnings?: boolean | undefined;
}

interface Dated<R> {
  readonly rule: R;
  readonly fromMs: number;
}

const selections = new Map<string, readonly Dated<AnyRule>[]>();

/** The rules of a list that bind an object of this kind; chosen once for each question. */
function binding<R extends AnyRule>(name: string, list: readonly R[], kind: AnyKind, scope: LintScope) {
  const { conformsTo = "pkix", warnings = false } = scope;
  const key = `${name}/${kind}/${conformsTo}/${warnings}`;
  let found = selections.get(key);
  if (found === undefined) {
    found = list
      .filter(({ set }) => set === "pkix" || set === conformsTo)
      .filter(({ severity }) => warnings || severity === "error")
      .filter(({ appliesTo }) => (appliesTo as readonly AnyKind[]).includes(kind))
      .map((rule) => ({ rule, fromMs: Date.parse(rule.effective) }));
    selections.set(key, found);
  }
  return found as readonly Dated<R>[];
}

/** @param beginMs when the object begins: rules that came later do not judge it */
function judge<R extends AnyRule>(dated: readonly Dated<R>[], beginMs: number, ask: (rule: R, report: Report) => void) {
  const findings: Finding[] = [];
  for (const { rule, fromMs } of dated)
    if (beginMs >= fromMs) ask(rule, (message) => findings.push(findingOf(rule, message)));
  return findings;
}

const findingOf = ({ id, severity, source }: AnyRule, message: string): Finding => ({ id, severity, source, message });

/** No error among the findings means that it may be signed. */
export const lintTbsCertificate = (
  tbs: TbsCertificate,
  context: CertificateContext,
  scope: LintScope = {},
): Finding[] =>
  judge<CertificateRule>(
    binding("certificate", certificateRules, context.kind, scope),
    tbs.notBeforeMs,
    (rule, report) => rule.check(tbs, report, context),
  );

export const lintTbsCertList = (
  tbs: TbsCertList,
  kind: CrlKind,
  context: CrlContext = {},
  scope: LintScope = {},
): Finding[] =>
  judge<CrlRule>(binding("crl", crlRules, kind, scope), tbs.thisUpdateMs, (rule, report) =>
    rule.check(tbs, report, context),
  );

export const lintResponseData = (data: ResponseData, context: OcspContext = {}, scope: LintScope = {}): Finding[] =>
  judge<OcspRule>(binding("ocsp", ocspRules, "ocsp", scope), data.producedAtMs, (rule, report) =>
    rule.check(data, report, context),
  );

/** @param object signed with a throw-away key, never with one of ours (I5) */
export async function lintWhole(object: WholeObject, kind: AnyKind): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { rule } of binding<WholeRule>("whole", wholeRules, kind, {}))
    await rule.check(object, (message) => findings.push(findingOf(rule, message)), kind);
  return findings;
}
