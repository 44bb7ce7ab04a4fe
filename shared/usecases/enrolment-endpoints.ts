/** Enrolment endpoints: what a public label, or a path without one, stands for (DESIGN §5). */
import {
  decideCreateEndpoint,
  decideDisableEndpoint,
  decideUpdateEndpoint,
} from "#shared/domain/enrolment-endpoint/decide";
import {
  type EndpointSettings,
  type EnrolmentEndpoint,
  settingsOf,
} from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { Failure } from "#shared/kernel/failure";
import { assertMayGrant } from "#shared/policy/ra-split";
import type { Snapshot } from "#shared/ports/event-log";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { defaultName, giveUpDefaults, reserveNames } from "./endpoint-names.ts";
import { inTurn } from "./in-turn.ts";
import { existing, referenced, referencedProfile } from "./load.ts";

export interface Endpoint {
  readonly tenant: string;
  readonly label: string;
  readonly state: EnrolmentEndpoint;
}

/** Whatever counts at an endpoint changes it: in a process one after the other, instead of all but one in vain. */
export const countingAt = <T>(deps: Pick<Deps, "directory">, tenant: string, label: string, work: () => Promise<T>) =>
  inTurn(deps.directory, `enrolment-endpoint/${tenant}/${label}`, work);

/** What managing endpoints needs beside the rest. */
export type EndpointDeps = Deps & { readonly protocols: readonly string[] };

/**
 * @param label of the URL; undefined on the paths without one: the endpoint that is marked default
 * @throws Failure `not_found`: unknown, disabled, or does not serve the protocol; nobody can tell which
 */
export async function endpointFor(
  deps: Pick<Deps, "directory" | "log">,
  protocol: string,
  label: string | undefined,
): Promise<Endpoint> {
  // What no label can be need not be looked for, and might be no name at all.
  const name = label === undefined ? defaultName(protocol) : /^[a-z0-9-]{3,63}$/.test(label) ? label : undefined;
  const entry = name === undefined ? undefined : await deps.directory.resolve("endpoint", name);
  if (entry !== undefined) {
    const { state } = await deps.log.load(entry.tenant, "enrolment-endpoint", entry.id);
    if (serves(state, protocol) && (label !== undefined || state.default))
      return { tenant: entry.tenant, label: entry.id, state };
  }
  if (label !== undefined) throw noEndpoint();
  throw new Failure(
    "not_found",
    `no enrolment endpoint is the default for ${protocol} on this host; use the path with the endpoint's label`,
  );
}

const serves = (state: EnrolmentEndpoint | undefined, protocol: string): state is EnrolmentEndpoint =>
  state?.status === "active" && state.protocols.includes(protocol);

const noEndpoint = (): Failure =>
  new Failure("not_found", "there is no such enrolment endpoint, or it does not serve this protocol");

/** Still. @throws Failure `not_found`, in the words of `endpointFor` */
export async function assertServes(deps: Pick<Deps, "log">, { tenant, label }: Endpoint, protocol: string) {
  const { state } = await deps.log.load(tenant, "enrolment-endpoint", label);
  if (!serves(state, protocol)) throw noEndpoint();
}

/** @throws Failure `conflict` for a label that is taken, whoever has it; `forbidden` without the right to issue */
export async function createEndpoint(
  deps: EndpointDeps,
  call: Call,
  label: string,
  settings: EndpointSettings,
): Promise<void> {
  const { tenant } = call.principal;
  assertMayOpen(call, settings);
  const load = () => deps.log.load(tenant, "enrolment-endpoint", label);
  decideCreateEndpoint(label, (await load()).state, settings, deps.protocols);
  await assertReferences(deps, tenant, settings);
  try {
    await reserveNames(deps, tenant, label, settings);
    await change(deps, call, async () => {
      const stream = await load();
      const event = decideCreateEndpoint(label, stream.state, settings, deps.protocols);
      return { stream, event, touches: await ownersOf(deps, tenant, settings.owner) };
    });
  } catch (error) {
    await giveUpDefaults(deps, tenant, label, deps.protocols);
    throw error;
  }
}

/**
 * @param to the settings, or how to come to them from those that it has at that moment
 * @throws Failure `conflict` for a disabled endpoint, or when another is the default of one of its protocols
 */
export async function updateEndpoint(
  deps: EndpointDeps,
  call: Call,
  label: string,
  to: EndpointSettings | ((now: EndpointSettings) => EndpointSettings),
): Promise<void> {
  const { tenant } = call.principal;
  const decide = async () => {
    const stream = await existing(deps, tenant, "enrolment-endpoint", label);
    const settings = typeof to === "function" ? to(settingsOf(stream.state)) : to;
    assertMayOpen(call, settings);
    return { stream, settings, event: decideUpdateEndpoint(stream.state, settings, deps.protocols) };
  };
  const { settings: first } = await decide();
  await assertReferences(deps, tenant, first);
  try {
    await reserveNames(deps, tenant, label, first);
    await change(deps, call, async () => {
      const { stream, settings, event } = await decide();
      return { stream, event, touches: await ownersOf(deps, tenant, settings.owner, stream.state.owner) };
    });
  } finally {
    await giveUpDefaults(deps, tenant, label, deps.protocols);
  }
}

/** For ever: the label stays taken. @throws Failure `conflict` when it is disabled already */
export async function disableEndpoint(deps: EndpointDeps, call: Call, label: string): Promise<void> {
  const { tenant } = call.principal;
  await change(deps, call, async () => {
    const stream = await existing(deps, tenant, "enrolment-endpoint", label);
    const event = decideDisableEndpoint(stream.state);
    return { stream, event, touches: await ownersOf(deps, tenant, stream.state.owner) };
  });
  await giveUpDefaults(deps, tenant, label, deps.protocols);
}

/** Behind an endpoint that approves by itself nobody is asked any more: who opens it grants what it gives out. */
function assertMayOpen(call: Call, { approval }: EndpointSettings): void {
  if (approval === "automatic") assertMayGrant(call.principal, "issue");
}

async function assertReferences(deps: Deps, tenant: string, settings: EndpointSettings): Promise<void> {
  const { issuer, profile, owner } = settings;
  await referencedProfile(deps, tenant, profile);
  if (issuer !== null) await referenced(deps, tenant, "issuer", issuer, "issuer_id");
  if (owner !== null) await referenced(deps, tenant, "owner", owner, "owner_id");
}

/** Both where they differ, none where the owner stays: an event touches an aggregate once. */
async function ownersOf(
  deps: Deps,
  tenant: string,
  owner: string | null,
  previous: string | null = null,
): Promise<Snapshot[]> {
  const changed = owner === previous ? [] : [owner, previous].filter((id) => id !== null);
  return Promise.all(changed.map((id) => referenced(deps, tenant, "owner", id, "owner_id")));
}
