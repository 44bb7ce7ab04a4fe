/** Certification Authority Authorization (RFC 8659, RFC 8657): may we issue for this name? Asked anew for each issuance. */
import { isFailure } from "#shared/kernel/failure";
import type { CaaRecord } from "#shared/ports/resolver";
import { type Issuance, propertyProblem } from "./caa-property.ts";
import type { ValidationDeps } from "./challenge.ts";

export interface CaaQuestion {
  /** A DNS name, canonical, without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  /** URL of the account, as the client knows it (RFC 8657 3). */
  readonly accountUri: string;
  /** By which control was shown (RFC 8657 4). */
  readonly method: string;
}

export type CaaVerdict =
  | {
      readonly allowed: true;
      /** The name whose records said so; undefined: there are none, up to the top. */
      readonly by: string | undefined;
    }
  | {
      readonly allowed: false;
      /** RFC 8555 6.7: `caa` forbids, `dns` could not be asked. */
      readonly problem: "caa" | "dns";
      readonly detail: string;
      readonly transient: boolean;
    };

/** A name has up to 127 labels, and each answer may be slow: who asks must not hold a place for that long (I8). */
const deadlineMs = 20_000;

export async function checkCaa(
  { resolver, validation }: Pick<ValidationDeps, "resolver" | "validation">,
  question: CaaQuestion,
): Promise<CaaVerdict> {
  const labels = question.name.split(".");
  const endMs = performance.now() + deadlineMs;
  // RFC 8659 3: from the name up, the first set that is not empty counts; the root is not asked.
  for (let at = 0; at < labels.length; at++) {
    const name = labels.slice(at).join(".");
    if (performance.now() > endMs) return unanswered(question, "the answers took too long");
    let records: readonly CaaRecord[];
    try {
      ({ records } = await resolver.caa(name));
    } catch (error) {
      if (!isFailure(error, "unavailable")) throw error;
      return unanswered(question, error.message);
    }
    if (records.length === 0) continue;
    const problem = recordsProblem(records, question, { ...question, identities: validation.caaIdentities });
    if (problem === undefined) return { allowed: true, by: name };
    const detail = `the CAA records of ${name} forbid to issue for ${question.wildcard ? "*." : ""}${question.name}: ${problem}`;
    return { allowed: false, problem: "caa", detail, transient: false };
  }
  return { allowed: true, by: undefined };
}

const unanswered = ({ name }: CaaQuestion, why: string): CaaVerdict => ({
  allowed: false,
  problem: "dns",
  detail: `whether CAA lets us issue for ${name} is not known: ${why}`,
  transient: true,
});

/** Tags that are understood; `iodef` says whom to tell and forbids nothing (RFC 8659 4.4). */
const known = new Set(["issue", "issuewild", "iodef"]);

function recordsProblem(
  records: readonly CaaRecord[],
  { wildcard }: CaaQuestion,
  issuance: Issuance,
): string | undefined {
  const unknown = records.find(({ critical, tag }) => critical && !known.has(tag));
  if (unknown !== undefined)
    return unknown.tag === ""
      ? "one of them cannot be read"
      : `the property ${JSON.stringify(unknown.tag)} is critical and not known here (RFC 8659 4.1)`;
  const withTag = (tag: string): CaaRecord[] => records.filter((record) => record.tag === tag);
  // RFC 8659 4.3: where there is one, issuewild alone counts for wildcards, and for nothing else.
  const wild = wildcard ? withTag("issuewild") : [];
  const properties = wild.length > 0 ? wild : withTag("issue");
  if (properties.length === 0) return undefined;
  const problems = properties.map(({ tag, value }) => {
    const problem = propertyProblem(value, issuance);
    return problem === undefined ? undefined : `${tag} ${JSON.stringify(value.slice(0, 120))} ${problem}`;
  });
  if (problems.includes(undefined)) return undefined;
  const ours =
    issuance.identities.length === 0 ? "we have none: TRSTCTL_CAA_IDENTITIES" : issuance.identities.join(", ");
  return `${problems.join("; ")} (we are ${ours})`;
}
