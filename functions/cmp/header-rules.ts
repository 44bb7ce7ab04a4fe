/** What a request's header must say before anything else is looked at (RFC 9810 5.1.1, RFC 9483 3.5). */
import type { BodyType } from "#shared/pki/cmp/body-type";
import type { Header } from "#shared/pki/cmp/header";
import { refuse } from "./refusal.ts";

/** How far a client's clock may be off. */
export const messageTimeWindowMs = 5 * 60_000;
const leastNonceOctets = 16;
const versions: readonly number[] = [2, 3];

/** Messages that continue a transaction: they name the nonce of the answer that they follow. */
export const followsAnswer = (type: BodyType): boolean => type === "certConf" || type === "pollReq" || type === "error";

/** @throws Failure with the PKIFailureInfo of RFC 9483 3.5 */
export function assertHeader(header: Header, type: BodyType, nowMs: number): void {
  const { pvno, transactionId, senderNonce, messageTimeMs, recipNonce } = header;
  if (!versions.includes(pvno)) throw refuse("unsupportedVersion", `pvno ${pvno}: 2 and 3 are served`);
  if (transactionId === undefined || transactionId.length === 0)
    throw refuse("badDataFormat", "transactionID is missing: the answer to a repeated message is found by it");
  if (senderNonce === undefined || senderNonce.length < leastNonceOctets)
    throw refuse("badSenderNonce", `senderNonce must have at least ${leastNonceOctets} octets`);
  if (messageTimeMs !== undefined && Math.abs(messageTimeMs - nowMs) > messageTimeWindowMs)
    throw refuse(
      "badTime",
      `messageTime is ${new Date(messageTimeMs).toISOString()}, here it is ${new Date(nowMs).toISOString()}; set the clock`,
    );
  if (recipNonce !== undefined && !followsAnswer(type))
    throw refuse("badRecipientNonce", "recipNonce in a message that begins a transaction");
}
