/** The desks of a process, each opened when its tenant is first asked for; the ones that were used longest ago are closed. */
import { isFailure } from "#shared/kernel/failure";
import { type Desk, type DeskDeps, openDesk } from "./desk.ts";

/** A desk takes some 50 bytes for each record of its tenant, and little else. */
const most = { desks: 200, records: 3_000_000 };

export interface Desks {
  /** Alone at the tenant's desk, which is tidied up behind it. @throws Failure `unavailable`, `corrupt` when it cannot be opened */
  at<T>(tenant: string, work: (desk: Desk) => Promise<T>): Promise<T>;
  isOpen(tenant: string): boolean;
  /** At each that is open, one after the other. */
  each(work: (desk: Desk) => Promise<void>): Promise<void>;
}

export function openDesks(deps: DeskDeps): Desks {
  /** The one that was used last is the last one. */
  const open = new Map<string, { readonly opening: Promise<Desk>; desk?: Desk }>();

  async function desk(tenant: string): Promise<Desk> {
    let place = open.get(tenant);
    if (place?.desk?.spoilt() === true) place = undefined;
    place ??= { opening: openDesk(tenant, deps) };
    open.delete(tenant);
    open.set(tenant, place);
    try {
      place.desk = await place.opening;
      return place.desk;
    } catch (error) {
      if (open.get(tenant) === place) open.delete(tenant);
      throw error;
    }
  }

  function closeOld(): void {
    let records = 0;
    for (const { desk: one } of open.values()) records += one?.chain.mark().n ?? 0;
    for (const [tenant, { desk: one }] of open) {
      if (open.size <= most.desks && records <= most.records) return;
      if (one === undefined || one.busy() > 0) continue;
      records -= one.chain.mark().n;
      open.delete(tenant);
    }
  }

  const seated = <T>(own: Desk, work: (desk: Desk) => Promise<T>): Promise<T> =>
    own.turn(async () => {
      try {
        return await work(own);
      } finally {
        await tidy(own);
      }
    });

  /** What was answered is answered: tidying can wait. */
  async function tidy(own: Desk): Promise<void> {
    try {
      if (!own.spoilt()) await own.tidy();
    } catch (error) {
      if (!isFailure(error)) throw error;
      deps.warn(`totals of tenant ${own.tenant} cannot be closed now: ${error.message}`);
    }
  }

  return {
    async at(tenant, work) {
      const own = await desk(tenant);
      const result = seated(own, work);
      closeOld();
      return result;
    },
    isOpen: (tenant) => open.get(tenant)?.desk !== undefined,
    async each(work) {
      for (const { desk: one } of open.values()) if (one !== undefined) await one.turn(() => work(one));
    },
  };
}
