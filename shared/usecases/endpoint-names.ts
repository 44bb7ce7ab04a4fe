/** Names of enrolment endpoints in the directory: reserved before the event, released when the event never came. */
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { Deps } from "./deps.ts";

/** Whose endpoint answers on a protocol's paths without a label. No label begins so. */
export const defaultName = (protocol: string): string => `@default/${protocol}`;

const defaultsOf = (settings: EndpointSettings): readonly string[] =>
  settings.default ? settings.protocols.map(defaultName) : [];

/** @throws Failure `conflict`, field `label` or `default`, when somebody on this host has one of them */
export async function reserveNames(
  deps: Pick<Deps, "directory">,
  tenant: string,
  label: string,
  settings: EndpointSettings,
): Promise<void> {
  const taken = (field: string, detail: string) => (cause: unknown) => {
    throw isFailure(cause, "conflict") ? new Failure("conflict", detail, { field, cause }) : cause;
  };
  await deps.directory
    .reserve("endpoint", label, { tenant, id: label })
    .catch(taken("label", `the label ${label} is taken: choose another`));
  for (const name of defaultsOf(settings))
    await deps.directory
      .reserve("endpoint", name, { tenant, id: label })
      .catch(taken("default", `another endpoint of this host is ${name.slice(1)}; it must give that up first`));
}

/** What an endpoint no longer answers to. Its label it keeps. */
export async function giveUpDefaults(
  deps: Pick<Deps, "directory" | "log">,
  tenant: string,
  label: string,
  protocols: readonly string[],
): Promise<void> {
  const { state } = await deps.log.load(tenant, "enrolment-endpoint", label);
  const kept = state === undefined ? [] : defaultsOf(state);
  for (const name of protocols.map(defaultName)) {
    if (kept.includes(name)) continue;
    const entry = await deps.directory.resolve("endpoint", name);
    if (entry?.tenant === tenant && entry.id === label) await release(deps, name, entry);
  }
}

/** A command may be in work on what is younger. */
const settledMs = 3_600_000;

/**
 * Makes the directory say what the log says: after crashes between the two.
 * @throws Failure `conflict`, when all is done, for what an endpoint should answer to and another one of the host does
 */
export async function sweepNames(deps: Pick<Deps, "directory" | "log" | "clock">, tenant: string): Promise<void> {
  const held = new Set<string>();
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page = await deps.directory.endpoints(tenant, after);
    for (const entry of page) {
      const { state } = await deps.log.load(tenant, "enrolment-endpoint", entry.id);
      const meant = state !== undefined && [entry.id, ...defaultsOf(state)].includes(entry.value);
      if (meant) held.add(`${entry.id} ${entry.value}`);
      else if (deps.clock.now() - entry.reservedAt >= settledMs) await release(deps, entry.value, entry);
    }
    after = page.at(-1)?.value;
  }
  const taken: string[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof endpointsOf>> = await endpointsOf(deps, tenant, after);
    for (const { id, state } of page.items)
      for (const name of [id, ...defaultsOf(state)].filter((one) => !held.has(`${id} ${one}`)))
        await deps.directory.reserve("endpoint", name, { tenant, id }).catch((error: unknown) => {
          if (!isFailure(error, "conflict")) throw error;
          taken.push(`${id} should be ${name}`);
        });
    after = page.cursor;
  }
  if (taken.length > 0)
    throw new Failure("conflict", `another endpoint of this host is what ${taken.join(", ")}; update one of them`);
}

const endpointsOf = (deps: Pick<Deps, "log">, tenant: string, after: string) =>
  deps.log.list(tenant, "enrolment-endpoint", { limit: 100, ...(after !== "" && { after }) });

/** Unless somebody reserved it again meanwhile. */
async function release(
  deps: Pick<Deps, "directory">,
  name: string,
  entry: { readonly tenant: string; readonly reservedAt: number },
): Promise<void> {
  await deps.directory.release("endpoint", name, entry.tenant, entry).catch((error: unknown) => {
    if (!isFailure(error, "conflict")) throw error;
  });
}
