/** Whose a transactionID is: the first that got something under it, until nobody can ask for that any more. */
import { sha256Hex } from "#shared/crypto/hash";
import type { Exchange } from "./exchange.ts";
import type { Received } from "./received.ts";
import { refused } from "./refused.ts";

/** As long as a request waits for approval. */
const keptMs = 14 * 86_400_000;

interface Binding {
  /** SHA-256 of the public keys that may use it. */
  readonly keys: readonly string[];
  /** What `enrol` knows it by. */
  readonly transaction: string;
}

const nameOf = ({ endpoint }: Exchange, transactionId: string): string =>
  `scep/${endpoint.label}/${sha256Hex(transactionId)}`;

/**
 * After `enrol`, so that nobody takes an identifier without a right to a certificate. Clients that make the identifier from their key (RFC 8894 3.2.1.1) come with the same one for their next certificate: of
 * the same key the newest request counts.
 * @param keys SubjectPublicKeyInfo of who signed and of the request
 * @throws Failure with failInfo badRequest when it is another key's
 */
export async function bindTransaction(
  received: Received,
  { keys, transaction }: { readonly keys: readonly Uint8Array[]; readonly transaction: string },
): Promise<void> {
  const { deps, endpoint, message } = received;
  const name = nameOf(received, message.transactionId);
  const body = JSON.stringify({ keys: keys.map(sha256Hex), transaction } satisfies Binding);
  while (!(await deps.shortLived.put(endpoint.tenant, name, body, keptMs))) {
    const known = await boundTransaction(received);
    if (known === transaction) return;
    await deps.shortLived.take(endpoint.tenant, name);
  }
}

/**
 * @returns what `enrol` knows it by; undefined when nobody used it
 * @throws Failure with failInfo badRequest when it is another key's
 */
export async function boundTransaction(received: Received): Promise<string | undefined> {
  const { deps, endpoint, message } = received;
  const body = await deps.shortLived.get(endpoint.tenant, nameOf(received, message.transactionId));
  if (body === undefined) return undefined;
  const { keys, transaction } = JSON.parse(body) as Binding;
  if (!keys.includes(sha256Hex(message.certificate.key.spki)))
    throw refused("badRequest", "this transactionID was begun by another key; begin a transaction of your own");
  return transaction;
}
