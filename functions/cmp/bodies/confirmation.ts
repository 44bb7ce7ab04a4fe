/** certConf, and an error in its place (RFC 9810 5.3.18, RFC 9483 4.1.1): the requester takes its certificate, or does not. */
import { digest } from "#shared/crypto/digest";
import { fromBase64, sameBytes } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { type CertStatus, parseCertConfirm } from "#shared/pki/cmp/confirmation";
import { parseErrorContent } from "#shared/pki/cmp/status";
import { null_ } from "#shared/pki/der/writer";
import { certificateDer } from "#shared/usecases/certificate-der";
import { existing } from "#shared/usecases/load";
import { confirmInTime, revokeUnwanted, settleConfirmation } from "#shared/usecases/unconfirmed-certificates";
import type { Exchange, Reply } from "../exchange.ts";
import { refuse } from "../refusal.ts";
import { continued, keep, placeOf, type Stage, type Transaction } from "../transaction.ts";

const pkiConfirm: Reply = { type: "pkiconf", content: null_(), decision: "allow" };

export async function confirmation(exchange: Exchange): Promise<Reply> {
  const transaction = await continued(exchange);
  const statuses = parseCertConfirm(exchange.message.content);
  const [status, ...rest] = statuses;
  if (rest.length > 0) throw refuse("badRequest", "the transaction has one certificate");
  // An empty list rejects everything (RFC 9810 5.3.18).
  if (status === undefined) return conclude(exchange, transaction, "rejected");
  if (status.certReqId !== transaction.certReqId)
    throw refuse("badRequest", `the transaction has certReqId ${transaction.certReqId} and no other`);
  if (status.info !== undefined && status.info.status !== "accepted" && status.info.status !== "grantedWithMods")
    return conclude(exchange, transaction, "rejected");
  assertUndecided(transaction, "confirmed");
  await assertHash(exchange, transaction, status);
  await assertInTime(exchange, transaction);
  return conclude(exchange, transaction, "confirmed");
}

/** The requester breaks off: what it was given it does not take (RFC 9483 4.3.4). */
export async function abandonment(exchange: Exchange): Promise<Reply> {
  parseErrorContent(exchange.message.content);
  return conclude(exchange, await continued(exchange), "rejected");
}

/** The same word again is answered the same; another one comes too late. */
function assertUndecided({ stage }: Transaction, to: Stage): void {
  if ((stage === "confirmed" || stage === "rejected") && stage !== to)
    throw refuse("certConfirmed", `the certificate of this transaction was ${stage} before`);
}

async function conclude(exchange: Exchange, transaction: Transaction, to: "confirmed" | "rejected"): Promise<Reply> {
  const { certificate } = transaction;
  if (certificate === undefined) throw refuse("badRequest", "this transaction has no certificate to confirm");
  assertUndecided(transaction, to);
  const { deps, endpoint, requester } = exchange;
  if (to === "rejected")
    await revokeUnwanted(deps, { tenant: endpoint.tenant, subject: requester.subject }, certificate);
  await keep(exchange, { ...transaction, stage: to });
  const { tenant, name } = placeOf(exchange);
  await settleConfirmation(deps, tenant, name);
  return pkiConfirm;
}

/** Of the clock that revokes and the requester that confirms, one is first. */
async function assertInTime(exchange: Exchange, { stage, confirmByMs = 0 }: Transaction): Promise<void> {
  if (stage !== "unconfirmed") return; // confirmed before: the same word again
  const { tenant, name } = placeOf(exchange);
  if (!(await confirmInTime(exchange.deps, tenant, name, confirmByMs)))
    throw refuse("certRevoked", "nobody confirmed the certificate in time; begin a new transaction");
}

const digests = ["sha256", "sha384", "sha512"] as const;

/** The hash of the certificate's own signature unless the message names one; EdDSA: SHA-512 (RFC 9481 3.3). */
async function assertHash(
  { deps, endpoint }: Exchange,
  { certificate: id = "" }: Transaction,
  { certHash, hashAlgorithm }: CertStatus,
): Promise<void> {
  const certificate = await existing(deps, endpoint.tenant, "certificate", id);
  if (certificate.state.status === "revoked")
    throw refuse(
      "certRevoked",
      `the certificate was revoked at ${certificate.state.revoked_at}; begin a new transaction`,
    );
  const der = fromBase64(await certificateDer(deps, endpoint.tenant, certificate));
  const { signatureAlgorithm } = parseCertificate(der);
  const wanted = hashAlgorithm ?? /sha\d+$/.exec(signatureAlgorithm.toLowerCase())?.[0] ?? "sha512";
  const name = digests.find((known) => known === wanted);
  if (name === undefined) throw refuse("badAlg", `hashAlg ${wanted}: ${digests.join(", ")} are served`);
  if (!sameBytes(digest(name, der), certHash))
    throw refuse("badCertId", "certHash is not the hash of the certificate of this transaction");
}
