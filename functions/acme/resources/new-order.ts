/** RFC 8555 7.4; `replaces`: RFC 9773 5; `profile`: draft-ietf-acme-profiles 4. */
import * as z from "zod";
import { acmeObjectId } from "#shared/domain/acme-authorization/acme-authorization";
import type { AcmeOrder } from "#shared/domain/acme-order/acme-order";
import { newId } from "#shared/crypto/random";
import type { Answer } from "#shared/http/answer";
import { change } from "#shared/usecases/commit";
import type { Present } from "#shared/usecases/load";
import { authorize, pendingMs, reuseMarginMs } from "../authorizations.ts";
import { assertMayOrder, rulesOf } from "../entitlement.ts";
import { checkedIdentifiers, identifiersSchema } from "../identifiers.ts";
import { takeForSubject } from "../limits.ts";
import { orderAnswer } from "../order-view.ts";
import { jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { replacedCertificate } from "../replaces.ts";
import { accountCall, type AccountContext } from "../resource.ts";
import { checkedWindow } from "../validity.ts";

const newOrderPayload = z.object({
  identifiers: identifiersSchema,
  notBefore: z.string().max(40).optional(),
  notAfter: z.string().max(40).optional(),
  profile: z.string().max(100).optional(),
  replaces: z.string().max(200).optional(),
});

export async function newOrder(context: AccountContext): Promise<Answer> {
  const { deps, endpoint, account } = context;
  const asked = jsonPayload(newOrderPayload, context.payload);
  await assertMayOrder(context);
  const rules = await rulesOf(context);
  const identifiers = checkedIdentifiers(asked.identifiers, rules);
  if (asked.profile !== undefined && asked.profile !== endpoint.state.profile)
    throw new AcmeError(
      "invalidProfile",
      `profile ${JSON.stringify(asked.profile)} is not served here; ${endpoint.state.profile} is`,
    );
  const window = checkedWindow(asked, {
    maxSeconds: rules.profile.spec.max_validity_seconds,
    manual: endpoint.state.approval === "manual",
    nowMs: deps.clock.now(),
  });
  const replaced =
    asked.replaces === undefined ? undefined : await replacedCertificate(context, asked.replaces, identifiers);
  takeForSubject(deps.enrolmentLimits, `${endpoint.tenant}/${account.id}`, "orders by this account");
  const now = deps.clock.now();
  const id = newId(now);
  let ready = false;
  let counted = 1; // with the order
  const after = await change(deps, accountCall(context, account.id), async () => {
    const authorized = await authorize(context, identifiers, now + reuseMarginMs);
    ({ ready } = authorized);
    // Each that comes into being is written down for good, so each counts.
    for (; counted < authorized.opened.length; counted++)
      takeForSubject(deps.enrolmentLimits, `${endpoint.tenant}/${account.id}`, "authorizations for this account");
    const order: Omit<AcmeOrder, "request" | "certificate" | "created_at"> = {
      endpoint: endpoint.label,
      identifiers,
      authorizations: authorized.ids,
      expires: new Date(now + pendingMs).toISOString(),
      ...window,
      profile: asked.profile ?? null,
      replaces: replaced ?? null,
    };
    return {
      stream: { kind: "acme-order", id: acmeObjectId(account.id, id), rev: 0, state: undefined, origin: undefined },
      touches: authorized.touches,
      event: {
        type: "acme-order.created",
        data: { ...order, opened: authorized.opened, trusted: !endpoint.state.validate_names },
      },
    };
  });
  const { state } = after as Present<"acme-order">;
  return orderAnswer(context, id, state, { status: ready ? "ready" : "pending", refused: undefined }, 201);
}
