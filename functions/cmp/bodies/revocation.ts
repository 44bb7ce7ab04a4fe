/** rr (RFC 9810 5.3.9, RFC 9483 4.2): by the certificate itself, or by a credential for its names. */
import { isFailure } from "#shared/kernel/failure";
import { sameBytes } from "#shared/kernel/bytes";
import { certificateId } from "#shared/domain/certificate/certificate";
import { type RevDetails, parseRevReq, revRepDer } from "#shared/pki/cmp/revocation";
import { allIssuers } from "#shared/usecases/all-issuers";
import { issuerMaterial } from "#shared/usecases/issuer-material";
import type { Present } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import type { Exchange, Reply } from "../exchange.ts";
import { refuse, refusedBy } from "../refusal.ts";
import { begun, digestOf, keep, transactionOf } from "../transaction.ts";

interface Target {
  readonly certificate: Present<"certificate">;
  readonly issuerDer: Uint8Array;
}

export async function revocation(exchange: Exchange): Promise<Reply> {
  const [details, ...rest] = parseRevReq(exchange.message.content);
  if (details === undefined || rest.length > 0)
    throw refuse("badRequest", "one certificate a message is served (RFC 9483 4.2)");
  const before = await begun(exchange);
  try {
    assertServed(details);
    const target = await targetOf(exchange, details);
    await assertMayRevoke(exchange, target);
    if (before === undefined) await revoke(exchange, target, details);
    await keep(exchange, {
      stage: "answered",
      digest: digestOf(exchange.message),
      nonces: before?.nonces ?? [],
      certReqId: 0,
      certificate: target.certificate.id,
    });
    const { issuerDer: issuer, certificate } = target;
    const content = revRepDer({ status: "accepted" }, { issuer, serialHex: certificate.state.serial });
    return { type: "rp", content, decision: "allow" };
  } catch (error) {
    const { info, decision } = refusedBy(error);
    if (decision === "error") throw error;
    return { type: "rp", content: revRepDer(info), decision };
  }
}

function assertServed({ otherExtensions, reason }: RevDetails): void {
  if (otherExtensions.length > 0)
    throw refuse(
      "unacceptedExtension",
      `of crlEntryDetails only the reason is served, not ${otherExtensions.join(", ")}`,
    );
  if (reason === "removeFromCRL" || reason === "certificateHold")
    throw refuse("badRequest", `${reason}: a revocation is for ever here`);
}

async function targetOf({ deps, endpoint }: Exchange, { template }: RevDetails): Promise<Target> {
  const { issuer, serialHex } = template;
  if (issuer === undefined || serialHex === undefined)
    throw refuse("addInfoNotAvailable", "certDetails must have issuer and serialNumber (RFC 9483 4.2)");
  for await (const { id, state } of allIssuers(deps, endpoint.tenant)) {
    const { subjectDer } = issuerMaterial(id, state);
    if (!sameBytes(subjectDer, issuer)) continue;
    const found = await deps.log.load(endpoint.tenant, "certificate", certificateId(id, serialHex));
    if (found.state !== undefined) return { certificate: found as Present<"certificate">, issuerDer: subjectDer };
  }
  throw refuse("badCertId", "there is no such certificate");
}

/** A credential may have revoked what it brought, and what bears only names that it was made for. */
async function assertMayRevoke({ deps, requester, endpoint }: Exchange, { certificate }: Target): Promise<void> {
  if (requester.by === "certificate") {
    if (requester.certificate.id === certificate.id) return;
    throw refuse("notAuthorized", "a certificate may have itself revoked, and no other");
  }
  const { names } = requester.credential.state;
  const { endpoint: label, sans } = certificate.state;
  const named = names.length > 0 && label === endpoint.label && sans.every((name) => names.includes(name));
  if (named || (await issuedTo(deps, endpoint.tenant, certificate)) === requester.subject) return;
  throw refuse("notAuthorized", "the credential neither brought this certificate nor is it for its names");
}

/** Who asked for it: stands in the event that brought it into being, while that is there. */
async function issuedTo(
  { log }: Exchange["deps"],
  tenant: string,
  { origin: { lane, seq } }: Present<"certificate">,
): Promise<string | undefined> {
  const [event] = await log.read(tenant, lane, seq - 1, 1);
  return event?.seq === seq ? event.actor.subject : undefined;
}

async function revoke(
  exchange: Exchange,
  { certificate }: Target,
  { reason = "unspecified" }: RevDetails,
): Promise<void> {
  if (certificate.state.status === "revoked")
    throw refuse("certRevoked", `the certificate was revoked at ${certificate.state.revoked_at}`);
  const { deps, endpoint, requester, trace } = exchange;
  const principal = {
    tenant: endpoint.tenant,
    subject: requester.subject,
    roles: [],
    scopes: ["certs:issue"],
  } as const;
  const operation = `cmp/${endpoint.label}/${transactionOf(exchange)}`;
  try {
    await revokeCertificate(deps, { principal, operation, trace }, certificate.id, reason);
  } catch (error) {
    throw isFailure(error, "conflict") ? refuse("certRevoked", error.message, error) : error;
  }
}
