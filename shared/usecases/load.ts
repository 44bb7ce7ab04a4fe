import type { AggregateKind } from "#shared/domain/aggregate";
import type { States } from "#shared/domain/registry";
import { Failure } from "#shared/kernel/failure";
import type { Position, Snapshot } from "#shared/ports/event-log";
import type { Deps } from "./deps.ts";

export type Present<K extends AggregateKind> = Snapshot<K> & { readonly state: States[K]; readonly origin: Position };

const isPresent = <K extends AggregateKind>(snapshot: Snapshot<K>): snapshot is Present<K> =>
  snapshot.state !== undefined;

/** @throws Failure `not_found`: it does not exist, or belongs to another tenant; nobody can tell which */
export async function existing<K extends AggregateKind>(
  deps: Deps,
  tenant: string,
  kind: K,
  id: string,
): Promise<Present<K>> {
  const snapshot = await deps.log.load(tenant, kind, id);
  if (!isPresent(snapshot)) throw new Failure("not_found", `there is no ${kind} ${id}`);
  return snapshot;
}

/** For a reference inside a request. @throws Failure `unprocessable` naming the field */
export async function referenced<K extends AggregateKind>(
  deps: Deps,
  tenant: string,
  kind: K,
  id: string,
  field: string,
): Promise<Present<K>> {
  const snapshot = await deps.log.load(tenant, kind, id);
  if (!isPresent(snapshot)) throw new Failure("unprocessable", `${field}: there is no ${kind} ${id}`, { field });
  return snapshot;
}

/** The profile that a request names: `name` (its active version) or `name@version`. @throws Failure `unprocessable` */
export const referencedProfile = (deps: Deps, tenant: string, name: string) =>
  referenced(deps, tenant, name.includes("@") ? "profile-version" : "profile", name, "profile");
