/** CAA at issuance (RFC 8659 3): it was asked when control was shown; that counts for as long as CA/B BR 4.2.2.1 lets it. */
import type { AcmeAuthorization, AcmeProblem } from "#shared/domain/acme-authorization/acme-authorization";
import type { Present } from "#shared/usecases/load";
import type { ValidationDeps } from "#shared/usecases/validation/challenge";
import { checkCaa } from "#shared/usecases/validation/check-caa";
import { assertNoProblems } from "./identifiers.ts";
import type { ErrorType, Subproblem } from "./problem.ts";
import type { AccountContext } from "./resource.ts";
import type { Urls } from "./urls.ts";

/** CA/B BR 4.2.2.1: eight hours. */
const freshMs = 8 * 3_600_000;

/** @throws AcmeError `caa`, `dns` when it cannot be asked, `compound` */
export async function assertCaa(
  context: AccountContext,
  authorizations: readonly Present<"acme-authorization">[],
): Promise<void> {
  if (!context.endpoint.state.validate_names) return;
  const stale = authorizations.filter(
    ({ state }) => context.deps.clock.now() - Date.parse(state.validated_at ?? "") > freshMs,
  );
  const problems = await Promise.all(
    stale.map(async ({ state }): Promise<Subproblem | undefined> => {
      const problem = await caaProblem(context.deps, context.urls, context.account.id, state);
      if (problem === undefined) return undefined;
      return { type: problem.type as ErrorType, detail: problem.detail, identifier: state.identifier };
    }),
  );
  assertNoProblems(problems.filter((problem) => problem !== undefined));
}

/** CAA is about DNS names alone (RFC 8659 1). @returns why not, or undefined */
export async function caaProblem(
  deps: Pick<ValidationDeps, "resolver" | "validation">,
  urls: Urls,
  account: string,
  { identifier, wildcard, tried }: Pick<AcmeAuthorization, "identifier" | "wildcard" | "tried">,
): Promise<AcmeProblem | undefined> {
  if (identifier.type !== "dns") return undefined;
  const question = { name: identifier.value, wildcard, accountUri: urls.account(account), method: tried ?? "" };
  const verdict = await checkCaa(deps, question);
  return verdict.allowed ? undefined : { type: verdict.problem, detail: verdict.detail };
}
