/** Authorizations of an account: those that still count, and new ones for the rest (RFC 8555 7.1.4). */
import {
  acmeAuthorizedNameId,
  acmeObjectId,
  type AcmeIdentifier,
  type NewAcmeAuthorization,
} from "#shared/domain/acme-authorization/acme-authorization";
import { acmeAuthorizationStatus, type Judging } from "#shared/domain/acme-authorization/decide";
import { newId, randomBytes } from "#shared/crypto/random";
import { base64url } from "#shared/kernel/bytes";
import type { Snapshot } from "#shared/ports/event-log";
import type { Present } from "#shared/usecases/load";
import { methodsFor } from "#shared/usecases/validation/challenge";
import { maxIdentifiers, provable } from "./identifiers.ts";
import { assertFewFailures } from "./limits.ts";
import type { AccountContext, Context } from "./resource.ts";

/** How long a client may take to meet a challenge. */
export const pendingMs = 7 * 86_400_000;
/** How long a proof counts. */
export const validMs = 30 * 86_400_000;
const tokenBytes = 24;

export interface Authorized {
  /** In the order of the identifiers. */
  readonly ids: readonly string[];
  readonly opened: readonly NewAcmeAuthorization[];
  /** Aggregates that come into being, or are pointed to what does. */
  readonly touches: readonly Snapshot[];
  /** All that are reused and those that were opened are valid. */
  readonly ready: boolean;
}

/** @param untilMs as long as they must count @throws AcmeError `rateLimited` for a name that keeps failing */
export async function authorize(
  context: AccountContext,
  identifiers: readonly AcmeIdentifier[],
  untilMs: number,
): Promise<Authorized> {
  const trusted = !context.endpoint.state.validate_names;
  // What was pointed to is reused; where there is no room for that beside the authorizations, the next order opens its own.
  const pointed = identifiers.length <= maxIdentifiers / 2;
  const ids: string[] = [];
  const opened: NewAcmeAuthorization[] = [];
  const touches: Snapshot[] = [];
  for (const identifier of identifiers) {
    const known = await knownOf(context, identifier);
    const reused = await reusable(context, known, untilMs);
    if (reused !== undefined) {
      ids.push(reused);
      continue;
    }
    assertFewFailures(known.state, identifier.value, context.deps.clock.now());
    const added = newAuthorization(context, identifier);
    ids.push(added.id);
    opened.push(added);
    touches.push(absentAuthorization(context, added.id));
    if (trusted && pointed) touches.push(known);
  }
  return { ids, opened, touches, ready: trusted || opened.length === 0 };
}

export const absentAuthorization = ({ account }: AccountContext, id: string): Snapshot<"acme-authorization"> => ({
  kind: "acme-authorization",
  id: acmeObjectId(account.id, id),
  rev: 0,
  state: undefined,
  origin: undefined,
});

const knownOf = ({ deps, endpoint, account }: AccountContext, identifier: AcmeIdentifier) => {
  const { identifier: proven, wildcard } = provable(identifier);
  return deps.log.load(endpoint.tenant, "acme-authorized-name", acmeAuthorizedNameId(account.id, proven, wildcard));
};

/** @param atMs default now */
export const judging = ({ deps, endpoint }: Context, atMs = deps.clock.now()): Judging => ({
  nowMs: atMs,
  proofs: endpoint.state.validate_names,
});

/** The account's newest proof of the name, while it counts long enough. */
async function reusable(
  context: AccountContext,
  { state }: Snapshot<"acme-authorized-name">,
  untilMs: number,
): Promise<string | undefined> {
  const { deps, endpoint, account } = context;
  const id = state?.authorization ?? null;
  if (id === null) return undefined;
  const found = await deps.log.load(endpoint.tenant, "acme-authorization", acmeObjectId(account.id, id));
  const status = found.state && acmeAuthorizationStatus(found.state, judging(context, untilMs));
  return status === "valid" ? id : undefined;
}

/** A proof that ends before the order does may be asked for anew; this long at least it must last. */
export const reuseMarginMs = 3_600_000;

function newAuthorization({ deps, endpoint }: AccountContext, identifier: AcmeIdentifier): NewAcmeAuthorization {
  const { identifier: proven, wildcard } = provable(identifier);
  const trusted = !endpoint.state.validate_names;
  const now = deps.clock.now();
  return {
    id: newId(now),
    identifier: proven,
    wildcard,
    challenges: trusted ? [] : methodsFor(proven, wildcard),
    token: base64url(randomBytes(tokenBytes)),
    expires: new Date(now + (trusted ? validMs : pendingMs)).toISOString(),
  };
}

/** @throws nothing: those of an order were made with it or before */
export async function authorizationsOf(
  { deps, endpoint, account }: AccountContext,
  ids: readonly string[],
): Promise<readonly Present<"acme-authorization">[]> {
  const all = await Promise.all(
    ids.map((id) => deps.log.load(endpoint.tenant, "acme-authorization", acmeObjectId(account.id, id))),
  );
  return all as readonly Present<"acme-authorization">[];
}
