/** RFC 8555 7.3.2 (update), 7.3.6 (deactivation). */
import * as z from "zod";
import { decideDeactivateAcmeAccount, decideUpdateAcmeAccount } from "#shared/domain/acme-account/decide";
import type { AcmeAccountEvent } from "#shared/domain/acme-account/acme-account";
import type { Answer } from "#shared/http/answer";
import { change } from "#shared/usecases/commit";
import { existing, type Present } from "#shared/usecases/load";
import { accountAnswer } from "../account-view.ts";
import { checkedContact } from "../contact.ts";
import { takeForSubject } from "../limits.ts";
import { isPostAsGet, jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type AccountContext } from "../resource.ts";

/** Of all others a change is ignored, as 7.3.2 wants it. */
const accountPayload = z.object({
  contact: z.array(z.string().max(320)).optional(),
  status: z.string().optional(),
});

export async function account(context: AccountContext): Promise<Answer> {
  const { urls, ids, payload } = context;
  if (ids[0] !== context.account.id)
    throw new AcmeError("unauthorized", "this is the URL of another account than the one that signed");
  if (isPostAsGet(payload)) return accountAnswer(urls, context.account.id, context.account.state);
  const asked = jsonPayload(accountPayload, payload);
  if (asked.status !== undefined && asked.status !== "valid" && asked.status !== "deactivated")
    throw new AcmeError("malformed", `status: an account can only be set to deactivated (RFC 8555 7.3.6)`);
  const { contact } = asked;
  if (asked.status === "deactivated") return changed(context, decideDeactivateAcmeAccount);
  if (contact === undefined) return accountAnswer(urls, context.account.id, context.account.state);
  const checked = checkedContact(contact);
  return changed(context, (state) => decideUpdateAcmeAccount(state, { contact: checked }));
}

async function changed(
  context: AccountContext,
  decide: (state: Present<"acme-account">["state"]) => AcmeAccountEvent | undefined,
): Promise<Answer> {
  const { deps, endpoint, urls, account } = context;
  const event = decide(account.state);
  if (event === undefined) return accountAnswer(urls, account.id, account.state);
  if (event.type !== "acme-account.deactivated")
    takeForSubject(deps.enrolmentLimits, `${endpoint.tenant}/${account.id}`, "changes of this account");
  const after = await change(deps, accountCall(context, account.id), async () => {
    const stream = await existing(deps, endpoint.tenant, "acme-account", account.id);
    const event = decide(stream.state) ?? { type: "acme-account.updated", data: { contact: stream.state.contact } };
    return { stream, event };
  });
  return accountAnswer(urls, account.id, (after as Present<"acme-account">).state);
}
