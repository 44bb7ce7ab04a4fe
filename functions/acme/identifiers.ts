/** Identifiers of an order: read, canonical, and judged by what the endpoint issues (RFC 8555 7.1.4, RFC 8738). */
import * as z from "zod";
import type { AcmeIdentifier } from "#shared/domain/acme-authorization/acme-authorization";
import { assertProfileNames } from "#shared/domain/profile/evaluate";
import type { Profile } from "#shared/domain/profile/profile";
import { Failure } from "#shared/kernel/failure";
import { canonicalName } from "#shared/pki/general-name";
import { AcmeError, type ErrorType, type Subproblem } from "./problem.ts";

/** An order and all the authorizations that it opens come into being in one transaction, which has 100 writes. */
export const maxIdentifiers = 90;

export const identifierSchema = z.object({ type: z.string().max(40), value: z.string().max(300) });
export const identifiersSchema = z.array(identifierSchema).min(1).max(maxIdentifiers);

/** What a name must prove: of a wildcard the name below it (RFC 8555 7.1.3). */
export interface Provable {
  readonly identifier: AcmeIdentifier;
  readonly wildcard: boolean;
}

export const provable = (identifier: AcmeIdentifier): Provable =>
  identifier.value.startsWith("*.")
    ? { identifier: { type: "dns", value: identifier.value.slice(2) }, wildcard: true }
    : { identifier, wildcard: false };

export interface Rules {
  readonly profile: Profile;
  /** Of the credential that the account was bound with: `dns:…`, `ip:…`; empty: any. */
  readonly granted: readonly string[];
}

/**
 * @throws AcmeError `unsupportedIdentifier`, `rejectedIdentifier`, or `compound` when several fail in more than one way, with
 * a subproblem for each; `malformed` for one that comes twice
 */
export function checkedIdentifiers(asked: z.output<typeof identifiersSchema>, rules: Rules): readonly AcmeIdentifier[] {
  const problems: Subproblem[] = [];
  const out: AcmeIdentifier[] = [];
  for (const identifier of asked) {
    try {
      out.push(checkedIdentifier(identifier, rules));
    } catch (error) {
      if (!(error instanceof AcmeError)) throw error;
      problems.push({ type: error.type, detail: error.message, identifier });
    }
  }
  assertNoProblems(problems);
  const texts = out.map(({ type, value }) => `${type}:${value}`);
  const doubled = texts.find((text, at) => texts.indexOf(text) !== at);
  if (doubled !== undefined) throw new AcmeError("malformed", `identifier ${doubled} comes twice`);
  return out;
}

/** RFC 8555 6.7.1: one problem is said as such, several with a subproblem each. @throws AcmeError when there are any */
export function assertNoProblems(problems: readonly Subproblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const types = new Set<ErrorType>(problems.map(({ type }) => type));
  const detail = problems.map((one) => one.detail).join("; ");
  throw new AcmeError(types.size > 1 ? "compound" : first.type, detail, { subproblems: problems });
}

function checkedIdentifier({ type, value }: z.output<typeof identifierSchema>, rules: Rules): AcmeIdentifier {
  if (type !== "dns" && type !== "ip")
    throw new AcmeError(
      "unsupportedIdentifier",
      `identifiers of type ${JSON.stringify(type)} are not served; dns and ip are`,
    );
  try {
    const name = canonicalName(type, value, "identifiers");
    if (type === "ip" && name.value !== value)
      throw new Failure(
        "invalid_field",
        `ip ${value} is not in its canonical form ${name.value} (RFC 8738 3, RFC 5952 4)`,
      );
    assertProfileNames(rules.profile, "acme", [name]);
    if (rules.granted.length > 0 && !rules.granted.includes(`${type}:${name.value}`))
      throw new Failure(
        "forbidden",
        `${value}: the account was bound with a credential for ${rules.granted.join(", ")} alone`,
      );
    return { type, value: name.value };
  } catch (error) {
    if (error instanceof Failure) throw new AcmeError("rejectedIdentifier", error.message);
    throw error;
  }
}
