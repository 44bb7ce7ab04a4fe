/** pollReq (RFC 9810 5.3.22, RFC 9483 4.4): whether a person has decided. */
import { parseCsr } from "#shared/pki/csr";
import { parsePollReq, pollRepDer } from "#shared/pki/cmp/polling";
import { enrolled } from "#shared/usecases/enrol";
import type { Exchange, Reply } from "../exchange.ts";
import { refuse, refusedBy } from "../refusal.ts";
import { continued, keep, requestStored, type Transaction, transactionOf } from "../transaction.ts";
import { askedBy, onlyRequest } from "./certification.ts";
import { answerEnrolled, certReply } from "./enrolment.ts";
import { askedByPkcs10 } from "./pkcs10.ts";

export async function polling(exchange: Exchange): Promise<Reply> {
  const transaction = await continued(exchange);
  const { certReqId, request } = transaction;
  const asked = parsePollReq(exchange.message.content);
  if (asked.length !== 1 || asked[0] !== certReqId)
    throw refuse("badRequest", `the transaction has certReqId ${certReqId} and no other`);
  if (transaction.stage !== "waiting" || request === undefined)
    throw refuse("badRequest", "this transaction waits for nothing");
  const { deps, endpoint } = exchange;
  // The answer is to the request that waited: in its form, with its nonces kept.
  const waiting: Exchange = { ...exchange, message: requestStored(request) };
  try {
    const outcome = await enrolled(deps, { endpoint, protocol: "cmp", transaction: transactionOf(exchange) });
    if (outcome === undefined) throw refuse("badRequest", "the request is no longer known; begin a new transaction");
    if ("pending" in outcome) return await stillWaiting(exchange, transaction, outcome.pending.retryAfterSeconds);
    return await answerEnrolled(waiting, outcome, { certReqId, asked: askedOf(waiting) }, transaction);
  } catch (error) {
    const { info, decision } = refusedBy(error);
    if (decision === "error") throw error;
    return certReply(waiting, certReqId, info, { decision });
  }
}

async function stillWaiting(exchange: Exchange, transaction: Transaction, seconds: number): Promise<Reply> {
  await keep(exchange, transaction);
  return {
    type: "pollRep",
    content: pollRepDer(transaction.certReqId, seconds, "the request waits for approval"),
    decision: "pending",
  };
}

const askedOf = (waiting: Exchange) =>
  waiting.message.type === "p10cr"
    ? askedByPkcs10(parseCsr(waiting.message.content.raw))
    : askedBy(onlyRequest(waiting));
