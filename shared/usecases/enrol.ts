/** The one seam of all enrolment protocols: parse, authenticate, `enrol`, encode. It knows none of them by name. */
import { sha256Parts } from "#shared/crypto/hash";
import { assertGrants } from "#shared/domain/enrolment-credential/decide";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { generalNameText } from "#shared/pki/general-name";
import { nameText } from "#shared/pki/name";
import { certificateDer } from "./certificate-der.ts";
import { type CertificateRequest, readCertificateRequest } from "./certificate-request.ts";
import type { Call, Deps } from "./deps.ts";
import { replacedBy } from "./enrolled-certificate.ts";
import type { Enrolled, Enrolment } from "./enrolment.ts";
import { assertServes } from "./enrolment-endpoints.ts";
import { countUse } from "./enrolment-credentials.ts";
import { openRequest, requestOf } from "./enrolment-requests.ts";
import {
  assertIssues,
  issueCertificate,
  type Issued,
  type IssueFor,
  type IssueTerms,
  requestDigest,
} from "./issue-certificate.ts";
import { inTurn } from "./in-turn.ts";
import { existing, type Present } from "./load.ts";

/**
 * Issues, or has a person asked; by the profile and gate of the API.
 * @throws Failure as `issueCertificate`; `unauthenticated` for a credential that is used up, `forbidden` for names that it
 *   does not grant and when a person refused, `idempotency_mismatch` for another request under a known transaction
 */
export async function enrol(deps: Deps, enrolment: Enrolment): Promise<Enrolled> {
  const { endpoint } = enrolment;
  const operation = operationOf(enrolment);
  const again = await answered(deps, enrolment, operation);
  if (again !== undefined) return again;
  const request =
    "csr" in enrolment.request ? await readCertificateRequest(enrolment.request.csr) : enrolment.request.proven;
  const command = { ...termsOf(enrolment), proven: request, digest: requestDigest(enrolment.request) };
  assertEntitled(request, enrolment);
  await more(deps, enrolment, operation); // refuses what is used up before anything is signed
  if (endpoint.state.approval === "manual") {
    await assertIssues(deps, endpoint.tenant, command); // nobody is asked for what could not be issued
    return openRequest(deps, enrolment, request, {
      operation,
      fingerprint: fingerprintOf(enrolment),
      digest: command.digest,
      more: () => more(deps, enrolment, operation),
    });
  }
  const call = callOf(deps, enrolment, operation);
  try {
    const issue = () => issueCertificate(deps, call, command, () => more(deps, enrolment, operation));
    return { issued: await inCredentialsTurn(deps, enrolment, issue) };
  } catch (error) {
    if (!isFailure(error, "idempotency_replayed")) throw error;
    const first = await answered(deps, enrolment, operation);
    if (first === undefined) throw error;
    return first;
  }
}

/**
 * What became of a transaction, for protocols in which a client asks without sending its request again.
 * @returns undefined when there is none
 * @throws Failure `forbidden` when a person refused it
 */
export const enrolled = (
  deps: Deps,
  asked: Pick<Enrolment, "endpoint" | "protocol" | "transaction">,
): Promise<Enrolled | undefined> => outcomeOf(deps, asked.endpoint.tenant, operationOf(asked));

/** What a transaction is called everywhere: to the signer, in the log, as id of its request. */
const operationOf = ({ endpoint, protocol, transaction }: Pick<Enrolment, "endpoint" | "protocol" | "transaction">) =>
  sha256Parts("trstctl/enrol/1", endpoint.label, protocol, transaction);

/** As long as the log remembers what an operation brought. */
const rememberedMs = 7 * 86_400_000;

/**
 * The signer remembers operations for ever, and a client may send the same bytes again when its certificate is about to end:
 * by then it is another operation. Until the record of the first one is gone it stays the same.
 */
const signingOf = ({ clock }: Pick<Deps, "clock">, operation: string): string =>
  `${operation}/${Math.floor(clock.now() / rememberedMs)}`;

/** With a blank, which no Idempotency-Key of an API client has: nobody can take it first. */
const recordKey = (operation: string): string => `enrol ${operation}`;

/** What makes two requests under one transaction the same. */
const fingerprintOf = ({ subject, request, profile, validitySeconds, notAfterMs, notBeforeMs }: Enrolment): string =>
  sha256Parts(
    "trstctl/enrol-request/1",
    subject,
    requestDigest(request),
    profile ?? "",
    String(validitySeconds ?? ""),
    String(notAfterMs ?? ""),
    ...(notBeforeMs === undefined ? [] : [String(notBeforeMs)]),
  );

async function answered(deps: Deps, enrolment: Enrolment, operation: string): Promise<Enrolled | undefined> {
  const fingerprint = fingerprintOf(enrolment);
  return outcomeOf(deps, enrolment.endpoint.tenant, operation, (first) => assertSame(first, fingerprint));
}

async function outcomeOf(
  deps: Deps,
  tenant: string,
  operation: string,
  check?: (fingerprint: string) => void,
): Promise<Enrolled | undefined> {
  const record = await deps.log.replayOf(tenant, recordKey(operation));
  if (record !== undefined) {
    check?.(record.fingerprint);
    return { issued: await issuedBefore(deps, tenant, record.resource) };
  }
  const known = await requestOf(deps, tenant, operation, check);
  if (known === undefined) return undefined;
  return "certificate" in known ? { issued: await issuedBefore(deps, tenant, known.certificate) } : known;
}

function assertSame(first: string, now: string): void {
  if (first !== now)
    throw new Failure(
      "idempotency_mismatch",
      "this transaction was begun with another request; begin a new one for this request",
    );
}

async function issuedBefore(deps: Deps, tenant: string, id: string): Promise<Issued> {
  const certificate = await existing(deps, tenant, "certificate", id);
  if (certificate.state.revoked_at !== null)
    throw new Failure(
      "conflict",
      "what this transaction brought was revoked meanwhile; begin a new transaction for another certificate",
    );
  const issuer = await existing(deps, tenant, "issuer", certificate.state.issuer);
  return { certificate, issuer, der: fromBase64(await certificateDer(deps, tenant, certificate)) };
}

const termsOf = ({ endpoint: { state }, protocol, ...asked }: Enrolment): IssueTerms => ({
  protocol,
  profile: asked.profile ?? state.profile,
  issuer: state.issuer ?? undefined,
  owner: state.owner ?? undefined,
  names: asked.names,
  validitySeconds: asked.validitySeconds,
  notAfterMs: asked.notAfterMs,
  notBeforeMs: asked.notBeforeMs,
});

/** The endpoint is the grant: whoever it lets in may be issued to. */
const callOf = (deps: Deps, enrolment: Enrolment, operation: string): Call => ({
  principal: { tenant: enrolment.endpoint.tenant, subject: enrolment.subject, roles: [], scopes: ["certs:issue"] },
  operation: signingOf(deps, operation),
  idempotency: { key: recordKey(operation), fingerprint: fingerprintOf(enrolment), status: 200, operation: "enrol" },
  ...(enrolment.trace !== undefined && { trace: enrolment.trace }),
});

/** @throws Failure `forbidden` beyond what credential or certificate grants, `unprocessable` where a renewal changes anything */
function assertEntitled({ subject, names }: CertificateRequest, enrolment: Enrolment): void {
  const { credential, renews } = enrolment;
  const asked = names.map(generalNameText);
  if (credential !== undefined) assertGrants(credential.state, asked, subject[0]?.[0]?.value);
  if (renews === undefined) return;
  assertSameKind(enrolment, renews);
  const { sans, subject: before } = renews.state;
  const same = new Set(sans).size === new Set(asked).size && asked.every((name) => sans.includes(name));
  if (!same || nameText(subject) !== before)
    throw new Failure(
      "unprocessable",
      `a renewal has the subject and names of the certificate that it renews: ${before || "no subject"}, ${sans.join(", ")}`,
      { field: "csr" },
    );
}

const profileName = (id: string): string => id.split("@")[0] ?? id;

/** What another profile would add to its names (to sign code, say) nobody granted its holder. @throws Failure `forbidden` */
function assertSameKind(
  { endpoint: { label, state }, profile = state.profile }: Enrolment,
  { state: old }: Present<"certificate">,
): void {
  const before = old.profile === null ? undefined : profileName(old.profile);
  if (old.endpoint === label || before === profileName(profile)) return;
  throw new Failure(
    "forbidden",
    `the certificate is of profile ${before ?? "-"}, and this endpoint renews what it issued itself or profile ${profileName(profile)} did; renew it where it was issued, or enrol anew`,
  );
}

/** Many clients with one credential that is counted: one after the other, instead of all but one committing in vain. */
function inCredentialsTurn<T>(deps: Deps, { endpoint, credential }: Enrolment, work: () => Promise<T>): Promise<T> {
  const shared = (credential?.state.max_uses ?? 1) > 1;
  return shared ? inTurn(deps.directory, `enrolment-credential/${endpoint.tenant}/${credential?.id}`, work) : work();
}

/** What the event says and changes beside the certificate. */
async function more(deps: Deps, enrolment: Enrolment, operation: string): Promise<IssueFor> {
  const { endpoint, credential, renews, replaces } = enrolment;
  // Much may have happened since it was looked up: names are asked for in the world, a body comes slowly.
  await assertServes(deps, endpoint, enrolment.protocol);
  const { tenant, label } = endpoint;
  const counted = credential && (await countUse(deps, tenant, credential.id, signingOf(deps, operation)));
  const replaced =
    replaces === undefined
      ? renews && (await replacedBy(deps, tenant, renews.id))
      : await existing(deps, tenant, "certificate", replaces);
  return {
    data: {
      endpoint: label,
      ...(counted !== undefined && { credential: counted.use }),
      ...(replaced !== undefined && { replaces: replaced.id }),
    },
    touches: [
      ...((await enrolment.touches?.()) ?? []),
      ...(counted === undefined ? [] : [counted.touches]),
      ...(replaced === undefined ? [] : [replaced]),
    ],
  };
}
