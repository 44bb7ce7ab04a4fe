/** An order object (RFC 8555 7.1.3) as it stands now. */
import { acmeObjectId } from "#shared/domain/acme-authorization/acme-authorization";
import type { AcmeOrder } from "#shared/domain/acme-order/acme-order";
import { acmeOrderStatus, type AcmeOrderStatus } from "#shared/domain/acme-order/decide";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { isFailure } from "#shared/kernel/failure";
import { existing, type Present } from "#shared/usecases/load";
import { authorizationsOf, judging } from "./authorizations.ts";
import { errorUrn } from "./problem.ts";
import type { AccountContext } from "./resource.ts";

/** What a client waits between two looks. */
export const pollSeconds = 1;
/** Where a person must decide. */
const approvalSeconds = 60;

export interface OrderNow {
  readonly status: AcmeOrderStatus;
  readonly authorizations: readonly Present<"acme-authorization">[];
  /** What a person approved, or what was issued at once. */
  readonly certificate: string | undefined;
  /** Why a person refused it. */
  readonly refused: string | undefined;
}

/** @returns undefined for an order of another endpoint: the account is of one alone, so it cannot be */
export async function orderNow(context: AccountContext, order: AcmeOrder): Promise<OrderNow> {
  const { endpoint } = context;
  const request = order.request === null ? undefined : await requestNow(context, order.request);
  const authorizations = order.certificate === null ? await authorizationsOf(context, order.authorizations) : [];
  const status = acmeOrderStatus(
    order,
    authorizations.map(({ state }) => state),
    request?.status,
    judging(context),
  );
  return {
    status,
    authorizations,
    certificate: order.certificate ?? request?.certificate ?? undefined,
    refused:
      request?.status === "refused"
        ? (request.reason ?? `the request was not approved at ${endpoint.label}`)
        : undefined,
  };
}

/** Removed long after the decision: what it brought then stands in the inventory, and the order is long over. */
async function requestNow({ deps, endpoint }: AccountContext, id: string) {
  try {
    const { state } = await existing(deps, endpoint.tenant, "enrolment-request", id);
    return state.status === "pending" && Date.parse(state.expires_at) <= deps.clock.now()
      ? ({ status: "refused", reason: "nobody decided about it in time", certificate: null } as const)
      : state;
  } catch (error) {
    if (!isFailure(error, "not_found")) throw error;
    return { status: "refused", reason: "the request is too old", certificate: null } as const;
  }
}

export function orderAnswer(
  { urls }: AccountContext,
  id: string,
  order: AcmeOrder,
  now: Pick<OrderNow, "status" | "refused">,
  status = 200,
): Answer {
  const answer = jsonAnswer(
    {
      status: now.status,
      expires: order.expires,
      identifiers: order.identifiers,
      ...(order.not_before !== null && { notBefore: order.not_before }),
      ...(order.not_after !== null && { notAfter: order.not_after }),
      ...(order.profile !== null && { profile: order.profile }),
      authorizations: order.authorizations.map(urls.authorization),
      finalize: urls.finalize(id),
      ...(now.refused !== undefined && {
        error: { type: errorUrn("unauthorized"), detail: now.refused, status: 403 },
      }),
      ...(now.status === "valid" && { certificate: urls.certificate(id) }),
    },
    status,
  );
  const wait =
    now.status === "processing"
      ? { "retry-after": String(order.request === null ? pollSeconds : approvalSeconds) }
      : {};
  return { ...answer, headers: { ...answer.headers, location: urls.order(id), ...wait } };
}

/** The account's own order; of others nobody learns whether they are there. @throws Failure `not_found` */
export const orderOf = ({ deps, endpoint, account, ids }: AccountContext): Promise<Present<"acme-order">> =>
  existing(deps, endpoint.tenant, "acme-order", acmeObjectId(account.id, ids[0] ?? ""));
