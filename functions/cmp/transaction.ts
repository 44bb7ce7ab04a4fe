/** A transaction that is not over (RFC 9810 5.1.1): what was asked, what was answered, what is still expected. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { base64, fromBase64, hex } from "#shared/kernel/bytes";
import { parseMessage, type PkiMessage } from "#shared/pki/cmp/message";
import type { BoundDeps } from "../function.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

/** `waiting` for a person, `unconfirmed` until certConf, then over: `confirmed`, `rejected`, or `answered` at once. */
export type Stage = "waiting" | "unconfirmed" | "confirmed" | "rejected" | "answered";

export interface Transaction {
  readonly stage: Stage;
  /** SHA-256 of the request's ProtectedPart: who repeats it gets its answer, another one is refused. */
  readonly digest: string;
  /** Of answers that a follower may name as recipNonce; hex. */
  readonly nonces: readonly string[];
  readonly certReqId: number;
  /** PKIMessage, base64; only while it waits. */
  readonly request?: string;
  /** Id in the inventory. */
  readonly certificate?: string;
  /** Until when it waits to be confirmed; milliseconds since 1970. */
  readonly confirmByMs?: number;
}

const day = 24 * 3600_000;
const lifetimeMs: Readonly<Record<Stage, number>> = {
  waiting: 14 * day,
  unconfirmed: day,
  confirmed: day,
  rejected: day,
  answered: day,
};
const keptNonces = 4;

/** Within the endpoint; whoever guesses another's transactionID does not reach it. */
export const transactionOf = ({ requester, message }: Exchange): string =>
  `${requester.subject}/${hex(message.header.transactionId ?? new Uint8Array())}`;

/** Where a transaction is kept. */
export interface Place {
  readonly tenant: string;
  /** Bounded, whatever the client chose. */
  readonly name: string;
}

export const placeOf = (exchange: Exchange): Place => ({
  tenant: exchange.endpoint.tenant,
  name: `cmp/${sha256Parts("trstctl/cmp-transaction/1", exchange.endpoint.label, transactionOf(exchange))}`,
});

export const digestOf = ({ protectedPart }: PkiMessage): string => sha256Hex(protectedPart);

type Keeps = Pick<BoundDeps, "shortLived">;

export async function transactionAt({ shortLived }: Keeps, { tenant, name }: Place): Promise<Transaction | undefined> {
  const body = await shortLived.get(tenant, name);
  return body === undefined ? undefined : (JSON.parse(body) as Transaction);
}

/** Takes the place of what was there. */
export async function keepAt({ shortLived }: Keeps, { tenant, name }: Place, transaction: Transaction): Promise<void> {
  const put = () => shortLived.put(tenant, name, JSON.stringify(transaction), lifetimeMs[transaction.stage]);
  if (await put()) return;
  await shortLived.take(tenant, name);
  await put();
}

const underWay = (exchange: Exchange): Promise<Transaction | undefined> =>
  transactionAt(exchange.deps, placeOf(exchange));

/** With the nonce of the answer that is being made. */
export async function keep(exchange: Exchange, transaction: Transaction): Promise<void> {
  const nonces = [...transaction.nonces, hex(exchange.nonce)].slice(-keptNonces);
  await keepAt(exchange.deps, placeOf(exchange), { ...transaction, nonces });
}

/** The one that a follower means. @throws Failure `badRequest` when there is none, `badRecipientNonce` */
export async function continued(exchange: Exchange): Promise<Transaction> {
  const { recipNonce } = exchange.message.header;
  const transaction = await underWay(exchange);
  if (transaction === undefined)
    throw refuse("badRequest", "no transaction with this transactionID is under way for this sender");
  if (recipNonce === undefined || !transaction.nonces.includes(hex(recipNonce)))
    throw refuse("badRecipientNonce", "recipNonce is not the senderNonce of the answer before");
  return transaction;
}

/** The transaction that this very request began before. @throws Failure `transactionIdInUse` for another request */
export async function begun(exchange: Exchange): Promise<Transaction | undefined> {
  const transaction = await underWay(exchange);
  if (transaction !== undefined && transaction.digest !== digestOf(exchange.message))
    throw refuse("transactionIdInUse", "this transactionID belongs to another request; begin with a new one");
  return transaction;
}

export const storedRequest = ({ der }: PkiMessage): string => base64(der);
export const requestStored = (text: string): PkiMessage => parseMessage(fromBase64(text));
