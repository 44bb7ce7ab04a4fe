/** CertPoll, once GetCertInitial (RFC 8894 3.3.3): what became of a request that waits for a person. */
import { certsOnly } from "#shared/pki/cms/certs-only";
import { parseIssuerAndSubject } from "#shared/pki/scep/message-data";
import { enrolled } from "#shared/usecases/enrol";
import { readContent } from "./open-message.ts";
import type { Received } from "./received.ts";
import { refused } from "./refused.ts";
import { boundTransaction } from "./transaction.ts";

/** The transaction and the key that signs say which request is meant; the names in the message add nothing to that. */
export async function certPoll(received: Received): Promise<Uint8Array | undefined> {
  const { deps, endpoint } = received;
  await readContent(received.content, (der) => parseIssuerAndSubject(der));
  const transaction = await boundTransaction(received);
  const outcome =
    transaction === undefined ? undefined : await enrolled(deps, { endpoint, protocol: "scep", transaction });
  if (outcome === undefined)
    throw refused("badCertId", "there is no request under this transactionID; send the request itself again");
  return "issued" in outcome ? certsOnly([outcome.issued.der]) : undefined;
}
