/** Certificates that nobody confirms in time are revoked (RFC 9810 5.1.1.2, docs/design/0057). */
import { isFailure } from "#shared/kernel/failure";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import type { Exchange } from "./exchange.ts";
import { keep, transactionUnderWay } from "./transaction.ts";

/** Why: it was never in use. */
const reason = "cessationOfOperation";

/** @param certificate id in the inventory @returns when it ends, milliseconds since 1970 */
export function expectConfirmation(exchange: Exchange, certificate: string): number {
  const end = (): void => {
    endUnconfirmed(exchange, certificate).catch((error: unknown) => exchange.deps.report(error, { function: "cmp" }));
  };
  setTimeout(end, exchange.confirmWaitMs).unref();
  return exchange.deps.clock.now() + exchange.confirmWaitMs;
}

async function endUnconfirmed(exchange: Exchange, certificate: string): Promise<void> {
  const transaction = await transactionUnderWay(exchange);
  if (transaction?.stage !== "unconfirmed" || transaction.certificate !== certificate) return;
  await revokeUnwanted(exchange, certificate);
  await keep(exchange, { ...transaction, stage: "rejected" });
}

/** Gives back what the requester does not take. */
export async function revokeUnwanted({ deps, endpoint, requester, trace }: Exchange, id: string): Promise<void> {
  const principal = {
    tenant: endpoint.tenant,
    subject: requester.subject,
    roles: [],
    scopes: ["certs:issue"],
  } as const;
  try {
    await revokeCertificate(deps, { principal, operation: `cmp/unwanted/${id}`, trace }, id, reason);
  } catch (error) {
    if (!isFailure(error, "conflict")) throw error; // somebody revoked it already
  }
}
