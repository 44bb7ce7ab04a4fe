/** RFC 8555 7.4. */
import type { Answer } from "#shared/http/answer";
import { orderAnswer, orderNow, orderOf } from "../order-view.ts";
import { assertPostAsGet } from "../payload.ts";
import type { AccountContext } from "../resource.ts";

export async function order(context: AccountContext): Promise<Answer> {
  assertPostAsGet(context.payload);
  const { state } = await orderOf(context);
  return orderAnswer(context, context.ids[0] ?? "", state, await orderNow(context, state));
}
