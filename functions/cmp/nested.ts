/** nested (RFC 9810 5.1.3.4, RFC 9483 5.2.2.1): a message that somebody on the way has protected once more. */
import { parseMessageNode, type PkiMessage } from "#shared/pki/cmp/message";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { BoundDeps } from "../function.ts";
import { assertHeader } from "./header-rules.ts";
import { refuse } from "./refusal.ts";
import { authenticate } from "./requester.ts";

/**
 * The message within, when the one around it is signed by a certificate from here. That lends the inner one nothing: it
 * must be protected itself, and is answered to its own sender.
 * @throws Failure `badRequest` for a batch and for more than one level
 */
export async function unwrapped(deps: BoundDeps, endpoint: Endpoint, outer: PkiMessage): Promise<PkiMessage> {
  const messages = outer.content.expect(0x30, "NestedMessageContent").children().map(parseMessageNode);
  const [inner, ...rest] = messages;
  if (inner === undefined || rest.length > 0)
    throw refuse("badRequest", "one message within another is served, no batch (RFC 9483 5.2.2.2)");
  if (inner.type === "nested") throw refuse("badRequest", "a nested message within a nested message is not served");
  assertHeader(outer.header, outer.type, deps.clock.now());
  const { by } = await authenticate(deps, endpoint, outer);
  if (by !== "certificate")
    throw refuse("wrongIntegrity", "the protection around a message must be a signature (RFC 9483 5.2.2.1)");
  return inner;
}
