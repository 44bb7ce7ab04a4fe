/**
 * Validates the challenges that clients answered, behind their requests. What is under way stands in a view of its own, so
 * a process that comes after a crash goes on with it, and two that do the same settle it once.
 */
import {
  acmeAuthorizedNameId,
  type AcmeAuthorization,
  type AcmeProblem,
} from "#shared/domain/acme-authorization/acme-authorization";
import { decideSettle } from "#shared/domain/acme-authorization/decide";
import { change } from "#shared/usecases/commit";
import { type Deps, systemCall } from "#shared/usecases/deps";
import { existing, type Present } from "#shared/usecases/load";
import { validateChallenge, type ValidationDeps } from "#shared/usecases/validation/challenge";
import { validMs } from "./authorizations.ts";
import { caaProblem } from "./caa.ts";
import { urlsOf } from "./urls.ts";

export interface ValidatingDeps extends Deps, ValidationDeps {
  readonly publicUrl: string;
  readonly report: (error: unknown, context: object) => void;
}

/**
 * At once in this process. A name that answers slowly holds a place for half a minute, so who has many of them does not get
 * all: neither another account nor another tenant waits for theirs (I8).
 */
export const places = { all: 64, tenant: 48, account: 16 } as const;
const pageSize = 200;
/** Whose turn it is may stand behind what an account without places still waits with. */
const maxPages = 5;
/** Before each further try, when the one before may go otherwise: RFC 8555 8.2. */
const pausesMs = [2_000, 5_000];
/** When the store or one of our own parts fails, the next wake or this brings it back. */
const againMs = 5_000;

interface Validations {
  /** To be called with a tenant whose log moved. @returns milliseconds until it wants to be called again */
  look(tenant: string): Promise<number | undefined>;
  /** Resolves when nothing is under way in this process. */
  settled(): Promise<void>;
}

/** @param claim says whether this process is the one to settle an authorization; where there is one process it always is */
export function createValidations(
  deps: ValidatingDeps,
  pauses: readonly number[] = pausesMs,
  claim: (tenant: string, id: string) => Promise<boolean> = async () => true,
): Validations {
  const running = new Map<string, Promise<void>>();

  const taken = (prefix: string): number => [...running.keys()].filter((name) => name.startsWith(prefix)).length;
  const full = (tenant: string): boolean => running.size >= places.all || taken(`${tenant}/`) >= places.tenant;

  function start(tenant: string, authorization: Present<"acme-authorization">): void {
    const name = `${tenant}/${authorization.id}`;
    if (running.has(name) || full(tenant)) return;
    if (taken(`${tenant}/${accountOf(authorization)}/`) >= places.account) return;
    const work = async (): Promise<void> => {
      if (await claim(tenant, authorization.id)) await settle(deps, tenant, authorization, pauses);
    };
    running.set(
      name,
      work()
        .catch((error: unknown) => deps.report(error, { function: "acme", operation: "validate", tenant }))
        .finally(() => running.delete(name)),
    );
  }

  return {
    async look(tenant) {
      let after: string | undefined;
      for (let pages = 0; pages < maxPages; pages++) {
        const page = await deps.log.list(tenant, "acme-authorization", {
          limit: pageSize,
          view: { name: "acme-validating" },
          after,
        });
        for (const authorization of page.items) start(tenant, authorization as Present<"acme-authorization">);
        if (page.cursor === undefined) return pages > 0 || page.items.length > 0 ? againMs : undefined;
        if (full(tenant)) break;
        after = page.cursor;
      }
      return againMs;
    },
    async settled() {
      await Promise.all(running.values());
    },
  };
}

/** For one process that goes on by itself: what is under way ends behind the call. */
export const createValidating = (deps: ValidatingDeps, pauses?: readonly number[]) =>
  createValidations(deps, pauses).look;

const accountOf = ({ id }: Present<"acme-authorization">): string => id.slice(0, id.indexOf("/"));

async function settle(
  deps: ValidatingDeps,
  tenant: string,
  authorization: Present<"acme-authorization">,
  pauses: readonly number[],
): Promise<void> {
  const account = accountOf(authorization);
  const outcome = await proven(deps, tenant, account, authorization.state, pauses);
  const { identifier, wildcard } = authorization.state;
  await change(deps, systemCall(tenant, "acme", authorization.id), async () => {
    const stream = await existing(deps, tenant, "acme-authorization", authorization.id);
    const expires = new Date(deps.clock.now() + validMs).toISOString();
    const event = decideSettle(
      stream.state,
      outcome.valid ? { valid: true, expires } : { valid: false, error: outcome.problem },
    );
    if (event === undefined) throw new SettledAlready();
    const known = await deps.log.load(
      tenant,
      "acme-authorized-name",
      acmeAuthorizedNameId(account, identifier, wildcard),
    );
    return { stream, event, touches: [known] };
  }).catch((error: unknown) => {
    if (!(error instanceof SettledAlready)) throw error;
  });
}

class SettledAlready extends Error {}

type Outcome = { readonly valid: true } | { readonly valid: false; readonly problem: AcmeProblem };

/** Asks as often as it may go otherwise; then CAA, which is part of what the proof is worth. */
async function proven(
  deps: ValidatingDeps,
  tenant: string,
  account: string,
  state: AcmeAuthorization,
  pauses: readonly number[],
): Promise<Outcome> {
  const owner = await existing(deps, tenant, "acme-account", account);
  const failed = (kind: string, detail: string): Outcome => ({ valid: false, problem: { type: kind, detail } });
  if (owner.state.status !== "valid" || state.tried === null)
    return failed("unauthorized", "the account was deactivated");
  const endpoint = await deps.log.load(tenant, "enrolment-endpoint", state.endpoint);
  if (endpoint.state?.status !== "active") return failed("unauthorized", "the enrolment endpoint was disabled");
  const { tried: type, identifier, token } = state;
  const challenge = { type, identifier, token, keyAuthorization: `${token}.${owner.state.thumbprint}` };
  const ask = () => validateChallenge(deps, challenge, endpoint.state?.private_networks === true);
  let seen = await ask();
  for (const pause of pauses) {
    if (seen.valid || !seen.transient) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await ask();
  }
  if (!seen.valid) return failed(seen.problem, seen.detail);
  const problem = await caaProblem(deps, urlsOf(deps.publicUrl, state.endpoint), account, state);
  return problem === undefined ? { valid: true } : { valid: false, problem };
}
