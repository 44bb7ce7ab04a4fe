/** Which account a certificate was issued to. */
import type { Deps } from "#shared/usecases/deps";
import type { Present } from "#shared/usecases/load";

/**
 * Who asked stands in the event that recorded it, and where a person approved, in the request that was approved.
 * @returns the subject, undefined when the event was pruned
 */
export async function issuedTo(
  { log }: Pick<Deps, "log">,
  tenant: string,
  { origin: { lane, seq } }: Present<"certificate">,
): Promise<string | undefined> {
  const [logged] = await log.read(tenant, lane, seq - 1, 1);
  if (logged?.seq !== seq || logged.event.type !== "certificate.issued") return undefined;
  const { request } = logged.event.data;
  if (request === undefined) return logged.actor.subject;
  return (await log.load(tenant, "enrolment-request", request)).state?.subject;
}
