/** RFC 8555 7.5 (read), 7.5.2 (deactivate). */
import * as z from "zod";
import { acmeObjectId } from "#shared/domain/acme-authorization/acme-authorization";
import { decideDeactivateAuthorization } from "#shared/domain/acme-authorization/decide";
import type { Answer } from "#shared/http/answer";
import { change } from "#shared/usecases/commit";
import { existing, type Present } from "#shared/usecases/load";
import { authorizationAnswer } from "../authorization-view.ts";
import { judging } from "../authorizations.ts";
import { isPostAsGet, jsonPayload } from "../payload.ts";
import { accountCall, type AccountContext } from "../resource.ts";

const deactivation = z.object({ status: z.literal("deactivated") });

/** The account's own; of others nobody learns whether they are there. @throws Failure `not_found` */
export const authorizationOf = ({ deps, endpoint, account, ids }: AccountContext) =>
  existing(deps, endpoint.tenant, "acme-authorization", acmeObjectId(account.id, ids[0] ?? ""));

export async function authorization(context: AccountContext): Promise<Answer> {
  const { deps, urls, account, ids, payload } = context;
  const found = await authorizationOf(context);
  if (isPostAsGet(payload)) return authorizationAnswer(urls, ids[0] ?? "", found.state, judging(context));
  jsonPayload(deactivation, payload);
  const after = await change(deps, accountCall(context, account.id), async () => {
    const stream = await authorizationOf(context);
    return { stream, event: decideDeactivateAuthorization(stream.state) };
  });
  return authorizationAnswer(urls, ids[0] ?? "", (after as Present<"acme-authorization">).state, judging(context));
}
