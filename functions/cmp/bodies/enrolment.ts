/** What ir, cr, kur and p10cr have in common: one request in, one certificate, refusal or wait out. */
import type { SubjectName, SubjectNameType } from "#shared/pki/general-name";
import type { BodyType } from "#shared/pki/cmp/body-type";
import { certRepDer } from "#shared/pki/cmp/cert-response";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import type { StatusInfo } from "#shared/pki/cmp/status";
import { readText } from "#shared/pki/der/reader";
import { generalizedTime, null_ } from "#shared/pki/der/writer";
import { nameText } from "#shared/pki/name";
import type { CertificateRequest } from "#shared/usecases/certificate-request";
import { enrol } from "#shared/usecases/enrol";
import type { Enrolled } from "#shared/usecases/enrolment";
import type { Issued } from "#shared/usecases/issue-certificate";
import type { Present } from "#shared/usecases/load";
import { expectConfirmation } from "#shared/usecases/unconfirmed-certificates";
import type { Exchange, Reply } from "../exchange.ts";
import { trustedCertificates } from "../issuer-certificates.ts";
import { type Asked, modifiedBy } from "../modifications.ts";
import { refuse, refusedBy } from "../refusal.ts";
import { begun, digestOf, keep, placeOf, storedRequest, type Transaction, transactionOf } from "../transaction.ts";

/** A request as its body was read. */
export interface Requested {
  readonly certReqId: number;
  readonly request: CertificateRequest;
  /** What the request was read from. */
  readonly bytes: Uint8Array;
  readonly asked: Asked;
  readonly notAfterMs?: number;
}

export const answerTypes = { ir: "ip", cr: "cp", kur: "kup", p10cr: "cp" } as const satisfies Partial<
  Record<BodyType, BodyType>
>;
export type EnrolmentType = keyof typeof answerTypes;
export const isEnrolment = (type: BodyType): type is EnrolmentType => Object.hasOwn(answerTypes, type);

/** One certReqId, one CertResponse. */
export const certReply = (
  { message: { type } }: Pick<Exchange, "message">,
  certReqId: number,
  info: StatusInfo,
  rest: Pick<Reply, "decision"> & Partial<Reply> & { certificate?: Uint8Array; caPubs?: readonly Uint8Array[] },
): Reply => {
  const { certificate, caPubs, ...reply } = rest;
  const response = { certReqId, info, ...(certificate && { certificate }) };
  const answer = isEnrolment(type) ? answerTypes[type] : "cp";
  return { type: answer, content: certRepDer({ responses: [response], ...(caPubs && { caPubs }) }), ...reply };
};

const asksImplicitConfirm = ({ message: { header } }: Pick<Exchange, "message">): boolean =>
  header.generalInfo.some(({ type }) => type === "implicitConfirm");

/** The profile is the endpoint's; naming it is allowed, choosing another is not (RFC 9810 5.1.1.4). */
function assertProfile({ message: { header }, endpoint }: Exchange): void {
  const named = header.generalInfo.find(({ type }) => type === "certProfile")?.value;
  const [profile, ...rest] = (named?.expect(0x30, "certProfile").children() ?? []).map((text) =>
    readText(text, "certProfile"),
  );
  if (profile !== undefined && (rest.length > 0 || profile !== endpoint.state.profile))
    throw refuse("unacceptedPolicy", `this endpoint issues under profile ${endpoint.state.profile} alone`);
}

const nameOf = (text: string): SubjectName => {
  const colon = text.indexOf(":");
  return { type: text.slice(0, colon) as SubjectNameType, value: text.slice(colon + 1) };
};

/** A certificate speaks for its own subject and names, and for nobody else (RFC 9483 4.1.2). */
function entitlement({ requester }: Exchange, request: CertificateRequest, renews: Present<"certificate"> | undefined) {
  if (requester.by === "secret") return { credential: requester.credential };
  if (renews !== undefined) return { renews };
  const { sans, subject } = requester.certificate.state;
  if (nameText(request.subject) !== subject)
    throw refuse(
      "notAuthorized",
      `the certificate that signed is for ${subject || "no subject"}: ask for that subject`,
    );
  return { names: sans.map(nameOf) };
}

/** @param read may refuse: the answer then has the certReqId, as RFC 9810 5.3.4 wants it */
export async function answerEnrolment(
  exchange: Exchange,
  certReqId: number,
  read: () => Promise<Requested>,
  renews?: Present<"certificate">,
): Promise<Reply> {
  const before = await begun(exchange);
  try {
    assertProfile(exchange);
    const requested = await read();
    const enrolled = await enrol(exchange.deps, {
      endpoint: exchange.endpoint,
      protocol: "cmp",
      subject: exchange.requester.subject,
      transaction: transactionOf(exchange),
      request: { proven: requested.request, bytes: requested.bytes },
      notAfterMs: requested.notAfterMs,
      trace: exchange.trace,
      ...entitlement(exchange, requested.request, renews),
    });
    return await answerEnrolled(exchange, enrolled, requested, before);
  } catch (error) {
    const { info, decision } = refusedBy(error);
    if (decision === "error" || info.failInfo[0] === "transactionIdInUse") throw error;
    return certReply(exchange, certReqId, info, { decision });
  }
}

/** Also when a poll finds it: `exchange.message` is then the request, its nonce that of the poll's answer. */
export async function answerEnrolled(
  exchange: Exchange,
  enrolled: Enrolled,
  { certReqId, asked }: Pick<Requested, "certReqId" | "asked">,
  before: Transaction | undefined,
): Promise<Reply> {
  const transaction = { digest: digestOf(exchange.message), nonces: before?.nonces ?? [], certReqId };
  if ("pending" in enrolled) {
    await keep(exchange, { ...transaction, stage: "waiting", request: storedRequest(exchange.message) });
    const text = "the request waits for approval";
    return certReply(exchange, certReqId, { status: "waiting", text }, { decision: "pending" });
  }
  return answerIssued(exchange, enrolled.issued, asked, transaction, before);
}

async function answerIssued(
  exchange: Exchange,
  { certificate, der }: Issued,
  asked: Asked,
  transaction: Pick<Transaction, "digest" | "nonces" | "certReqId">,
  before: Transaction | undefined,
): Promise<Reply> {
  const { deps, message, requester } = exchange;
  const implicit = asksImplicitConfirm(exchange);
  const over = before !== undefined && before.stage !== "waiting" ? before.stage : undefined;
  const stage = over ?? (implicit ? "confirmed" : "unconfirmed");
  const { tenant, name } = placeOf(exchange);
  const unconfirmed = { certificate: certificate.id, subject: requester.subject };
  // Asked again, it does not get longer.
  const confirmByMs =
    stage === "unconfirmed"
      ? (before?.confirmByMs ?? (await expectConfirmation(deps, tenant, name, unconfirmed)))
      : deps.clock.now();
  // Over at once, it leaves nothing to be remembered: `enrol` knows what it answered.
  if (before !== undefined || stage === "unconfirmed")
    await keep(exchange, { ...transaction, stage, certificate: certificate.id, confirmByMs });
  const changed = modifiedBy(der, asked);
  const info: StatusInfo =
    changed.length === 0
      ? { status: "accepted" }
      : { status: "grantedWithMods", text: `not as asked for: ${changed.join(", ")}` };
  const root = message.type === "ir" && requester.by === "secret" ? await trustedCertificates(exchange) : undefined;
  return certReply(exchange, transaction.certReqId, info, {
    certificate: der,
    ...(root && { caPubs: root }),
    generalInfo: [
      implicit ? infoTypeDer("implicitConfirm", null_()) : infoTypeDer("confirmWaitTime", generalizedTime(confirmByMs)),
    ],
    decision: "allow",
  });
}
