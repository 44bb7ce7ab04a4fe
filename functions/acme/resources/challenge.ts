/** RFC 8555 7.5.1: the client says that a challenge is met; it is validated behind this answer (`validating.ts`). */
import type { AcmeChallengeType } from "#shared/domain/acme-authorization/acme-authorization";
import { decideAttempt } from "#shared/domain/acme-authorization/decide";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { Failure } from "#shared/kernel/failure";
import { parseJson } from "#shared/crypto/jose/jws";
import { change } from "#shared/usecases/commit";
import type { Present } from "#shared/usecases/load";
import { challengeView, waiting } from "../authorization-view.ts";
import { isPostAsGet } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type AccountContext } from "../resource.ts";
import { authorizationOf } from "./authorization.ts";

export async function challenge(context: AccountContext): Promise<Answer> {
  const { deps, account, payload } = context;
  const found = await authorizationOf(context);
  const type = typeOf(context, found);
  if (isPostAsGet(payload)) return answer(context, type, found.state);
  const said = parseJson(payload, "the payload");
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw new AcmeError("malformed", "the payload must be {} (RFC 8555 7.5.1)");
  if (decideAttempt(found.state, type, deps.clock.now()) === undefined) return answer(context, type, found.state);
  const after = await change(deps, accountCall(context, account.id), async () => {
    const stream = await authorizationOf(context);
    const event = decideAttempt(stream.state, type, deps.clock.now());
    if (event === undefined)
      throw new Failure("conflict", "the challenge was answered at the same time; ask for it again");
    return { stream, event };
  });
  return answer(context, type, (after as Present<"acme-authorization">).state);
}

function typeOf({ ids }: AccountContext, { state }: Present<"acme-authorization">): AcmeChallengeType {
  const type = state.challenges.find((offered) => offered === ids[1]);
  if (type === undefined) throw new Failure("not_found", `the authorization has no such challenge`);
  return type;
}

function answer(
  { urls, ids }: AccountContext,
  type: AcmeChallengeType,
  state: Present<"acme-authorization">["state"],
): Answer {
  const id = ids[0] ?? "";
  const json = jsonAnswer(challengeView(urls, id, state, type));
  return {
    ...json,
    headers: { ...json.headers, link: `<${urls.authorization(id)}>;rel="up"`, ...waiting(state) },
  };
}
