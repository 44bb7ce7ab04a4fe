/** RFC 8555 7.4.1: a proof ahead of the orders that will need it. Not for wildcards, as there. */
import * as z from "zod";
import { acmeObjectId } from "#shared/domain/acme-authorization/acme-authorization";
import type { Answer } from "#shared/http/answer";
import { change } from "#shared/usecases/commit";
import type { Present } from "#shared/usecases/load";
import { absentAuthorization, authorizationsOf, authorize, judging, reuseMarginMs } from "../authorizations.ts";
import { authorizationAnswer } from "../authorization-view.ts";
import { assertMayOrder, rulesOf } from "../entitlement.ts";
import { checkedIdentifiers, identifierSchema } from "../identifiers.ts";
import { takeForSubject } from "../limits.ts";
import { jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type AccountContext } from "../resource.ts";

const newAuthzPayload = z.object({ identifier: identifierSchema });

export async function newAuthz(context: AccountContext): Promise<Answer> {
  const { deps, endpoint, urls, account } = context;
  const { identifier } = jsonPayload(newAuthzPayload, context.payload);
  if (!endpoint.state.validate_names)
    throw new AcmeError(
      "malformed",
      "this endpoint asks for no proof of names, so there is nothing to authorize ahead",
    );
  await assertMayOrder(context);
  if (identifier.value.startsWith("*."))
    throw new AcmeError("malformed", "a wildcard cannot be authorized ahead (RFC 8555 7.4.1); order it");
  const identifiers = checkedIdentifiers([identifier], await rulesOf(context));
  takeForSubject(deps.enrolmentLimits, `${endpoint.tenant}/${account.id}`, "authorizations for this account");
  const now = deps.clock.now();
  const { ids, opened } = await authorize(context, identifiers, now + reuseMarginMs);
  const [added] = opened;
  const id = ids[0] ?? "";
  const located = (answer: Answer): Answer => ({
    ...answer,
    headers: { ...answer.headers, location: urls.authorization(id) },
  });
  if (added === undefined) {
    const [known] = await authorizationsOf(context, ids);
    if (known !== undefined) return located(authorizationAnswer(urls, id, known.state, judging(context)));
    throw new TypeError("newAuthz: neither reused nor opened");
  }
  const after = await change(deps, accountCall(context, account.id), async () => ({
    stream: { ...absentAuthorization(context, id), id: acmeObjectId(account.id, id) },
    event: { type: "acme-authorization.created", data: { endpoint: endpoint.label, opened: added } },
  }));
  return located(authorizationAnswer(urls, id, (after as Present<"acme-authorization">).state, judging(context), 201));
}
