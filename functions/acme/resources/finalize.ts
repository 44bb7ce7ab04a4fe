/** RFC 8555 7.4: the certificate, for exactly the names of the order. */
import * as z from "zod";
import { assertAcmeAccountValid } from "#shared/domain/acme-account/decide";
import type { AcmeOrder } from "#shared/domain/acme-order/acme-order";
import { decideSubmit } from "#shared/domain/acme-order/decide";
import type { AcmeIdentifier } from "#shared/domain/acme-authorization/acme-authorization";
import type { Answer } from "#shared/http/answer";
import { base64url, fromBase64url, sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { canonicalName, generalNameText, type SubjectName } from "#shared/pki/general-name";
import { ipBytes } from "#shared/pki/ip";
import { type CertificateRequest, readCertificateRequest } from "#shared/usecases/certificate-request";
import { change } from "#shared/usecases/commit";
import { enrol } from "#shared/usecases/enrol";
import { existing, type Present } from "#shared/usecases/load";
import { assertCaa } from "../caa.ts";
import { assertMayOrder } from "../entitlement.ts";
import { takeForName } from "../limits.ts";
import { orderAnswer, orderNow, type OrderNow, orderOf } from "../order-view.ts";
import { jsonPayload } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import { accountCall, type AccountContext, accountSubject } from "../resource.ts";
import { assertStillFits } from "../validity.ts";

const finalizePayload = z.object({ csr: z.string().max(90_000) });

export async function finalize(context: AccountContext): Promise<Answer> {
  const { csr } = jsonPayload(finalizePayload, context.payload);
  const order = await orderOf(context);
  const now = await orderNow(context, order.state);
  assertFinalizable(now);
  if (now.status === "ready") assertItsProfile(context, order.state);
  await assertMayOrder(context);
  const der = fromBase64url(csr);
  if (base64url(der) !== csr) throw new AcmeError("badCSR", "csr: not base64url without padding (RFC 8555 7.4)");
  const request = await requestFor(context, der, order.state.identifiers);
  if (now.status === "ready") {
    takeForNames(context, order.state);
    await assertCaa(context, now.authorizations);
  }
  return enrolled(context, order, { request, der });
}

const id = ({ ids }: AccountContext): string => ids[0] ?? "";

/**
 * Here and not with the order: only who has proven a name may use up what there is for it. A renewal at the suggested time
 * is never held back (RFC 9773 6).
 */
function takeForNames({ deps, endpoint }: AccountContext, { identifiers, replaces }: AcmeOrder): void {
  if (replaces !== null) return;
  for (const { value } of identifiers) takeForName(deps.enrolmentLimits, endpoint.tenant, value);
}

/** Also when it was finalized before: the same request is then answered the same, another is refused. */
function assertFinalizable({ status, refused }: OrderNow): void {
  if (status === "pending")
    throw new AcmeError("orderNotReady", "the order is pending: meet a challenge of each authorization first");
  if (status === "invalid")
    throw new AcmeError(
      "orderNotReady",
      `the order is invalid${refused === undefined ? "" : ` (${refused})`}; make a new one`,
    );
}

/** draft-ietf-acme-profiles 4: it was made for that one. @throws AcmeError `invalidProfile` */
function assertItsProfile({ endpoint }: AccountContext, { profile }: AcmeOrder): void {
  if (profile !== null && profile !== endpoint.state.profile)
    throw new AcmeError(
      "invalidProfile",
      `the order is for profile ${profile}, and the endpoint serves ${endpoint.state.profile} by now; make a new order`,
    );
}

/** @throws AcmeError `badCSR` */
async function requestFor(
  { key }: AccountContext,
  der: Uint8Array,
  identifiers: readonly AcmeIdentifier[],
): Promise<CertificateRequest> {
  try {
    const request = await readCertificateRequest(der);
    if (sameBytes(request.key.spki, key.spki))
      throw new AcmeError("badCSR", "the request is for the account's own key; make another key (RFC 8555 11.1)");
    // A name may stand in the common name, in subjectAltName, or in both (RFC 8555 7.4): all of them count.
    const named = new Map([...request.names, ...commonNames(request)].map((name) => [generalNameText(name), name]));
    const ordered = identifiers.map(({ type, value }) => `${type}:${value}`);
    const beyond = [...named.keys()].filter((name) => !ordered.includes(name));
    const missing = ordered.filter((name) => !named.has(name));
    if (beyond.length > 0 || missing.length > 0)
      throw new AcmeError(
        "badCSR",
        `the request must name exactly what was ordered; missing: ${missing.join(", ") || "none"}, beyond: ${beyond.join(", ") || "none"}`,
      );
    return { ...request, names: [...named.values()] };
  } catch (error) {
    if (error instanceof Failure) throw new AcmeError("badCSR", error.message);
    throw error;
  }
}

const commonNames = ({ subject }: CertificateRequest): SubjectName[] =>
  subject.flat().map(({ value }) => canonicalName(ipBytes(value) === undefined ? "dns" : "ip", value, "csr"));

async function enrolled(
  context: AccountContext,
  order: Present<"acme-order">,
  { request, der }: { readonly request: CertificateRequest; readonly der: Uint8Array },
): Promise<Answer> {
  const { deps, endpoint, account, trace } = context;
  const { not_after: notAfter, not_before: notBefore, replaces } = order.state;
  if (notBefore !== null) assertStillFits(notBefore, deps.clock.now());
  const outcome = await enrol(deps, {
    endpoint,
    protocol: "acme",
    subject: accountSubject(account.id),
    transaction: order.id,
    request: { proven: request, bytes: der },
    names: order.state.identifiers,
    notAfterMs: notAfter === null ? undefined : Date.parse(notAfter),
    notBeforeMs: notBefore === null ? undefined : Date.parse(notBefore),
    replaces: replaces ?? undefined,
    touches: async () => [await readyOrder(context, order.id)],
    trace,
  }).catch((error: unknown) => {
    throw isRequestsFault(error) ? new AcmeError("badCSR", error.message) : error;
  });
  if ("issued" in outcome) {
    const { state } = await existing(deps, endpoint.tenant, "acme-order", order.id);
    return orderAnswer(context, id(context), state, { status: "valid", refused: undefined });
  }
  const after = await submitted(context, order.id, outcome.pending.request);
  return orderAnswer(context, id(context), after, await orderNow(context, after));
}

const isRequestsFault = (error: unknown): error is Failure =>
  error instanceof Failure &&
  error.field === "csr" &&
  (isFailure(error, "malformed") || isFailure(error, "invalid_field") || isFailure(error, "unprocessable"));

/** With the commit: nobody may have finalized it since it was read, nor taken back what it rests on. @throws AcmeError */
async function readyOrder(context: AccountContext, orderId: string): Promise<Present<"acme-order">> {
  const { deps, endpoint, account } = context;
  assertAcmeAccountValid((await existing(deps, endpoint.tenant, "acme-account", account.id)).state);
  const order = await existing(deps, endpoint.tenant, "acme-order", orderId);
  if (order.state.certificate !== null)
    throw new AcmeError("orderNotReady", "the order was finalized already; its certificate is at its URL");
  assertFinalizable(await orderNow(context, order.state));
  return order;
}

async function submitted(context: AccountContext, orderId: string, request: string) {
  const { deps, endpoint, account } = context;
  const load = () => existing(deps, endpoint.tenant, "acme-order", orderId);
  const before = await load();
  if (before.state.request !== null) return before.state;
  const after = await change(deps, accountCall(context, account.id), async () => {
    const stream = await load();
    return { stream, event: decideSubmit(stream.state, request) };
  });
  return (after as Present<"acme-order">).state;
}
