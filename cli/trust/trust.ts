/** Puts a root into every store that is asked for, says what it did, and takes it away again. */
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { Failure } from "#shared/kernel/failure";
import type { Machine } from "./machine.ts";
import { readRecord, type TrustedRoot, writeRecord } from "./record.ts";
import { readRoot, type TrustRoot } from "./root.ts";
import type { Store } from "./store.ts";

export type PlaceState = "trusted" | "not trusted" | "unknown";

/** One store, and what became of the root in it. */
export interface Outcome {
  readonly store: string;
  readonly place: string;
  readonly state: PlaceState;
  /** What was done, or what is in the way. */
  readonly note: string;
  readonly failed: boolean;
}

const outcome = ({ name, place }: Store, state: PlaceState, note: string, failed = false): Outcome => ({
  store: name,
  place,
  state,
  note,
  failed,
});

/** One store's failure is its own: the others are worked on. @throws whatever is no Failure */
async function each(stores: readonly Store[], work: (store: Store) => Promise<Outcome>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const store of stores) {
    if (store.missing !== undefined) outcomes.push(outcome(store, "unknown", store.missing, true));
    else
      outcomes.push(
        await work(store).catch((error: unknown) => {
          if (!(error instanceof Failure)) throw error;
          return outcome(store, "unknown", error.message, true);
        }),
      );
  }
  return outcomes;
}

export const statusIn = (stores: readonly Store[], root: TrustRoot): Promise<readonly Outcome[]> =>
  each(stores, async (store) =>
    (await store.holds(root)) ? outcome(store, "trusted", "") : outcome(store, "not trusted", ""),
  );

/** @param from of which host it is: an older root of the same one is taken away */
export async function installIn(
  machine: Machine,
  stores: readonly Store[],
  root: TrustRoot,
  from: string,
): Promise<readonly Outcome[]> {
  const before = readRecord(machine).filter((entry) => entry.from === from && entry.fingerprint !== root.fingerprint);
  for (const entry of before) await removeIn(machine, stores, entry);
  return each(stores, async (store) => {
    const was = await store.holds(root);
    if (!was) await store.install(root);
    remember(machine, root, from, store.place);
    if (!(await store.holds(root))) throw new Failure("unavailable", "it was put there, and is not there");
    return outcome(store, "trusted", was ? "was there already" : "put there");
  });
}

function remember(machine: Machine, { fingerprint, pem }: TrustRoot, from: string, place: string): void {
  const roots = readRecord(machine);
  const known = roots.find((entry) => entry.fingerprint === fingerprint);
  const places = [...new Set([...(known?.places ?? []), place])];
  const others = roots.filter((entry) => entry !== known);
  writeRecord(machine, [...others, { fingerprint, certificate: pem, from, places }]);
}

/** Stores that never got it from here are not touched; one that is gone, like a deleted profile, is forgotten. */
export async function removeIn(
  machine: Machine,
  stores: readonly Store[],
  entry: TrustedRoot,
): Promise<readonly Outcome[]> {
  const root = readRoot(entry.certificate);
  const outcomes = await each(
    stores.filter(({ place }) => entry.places.includes(place)),
    async (store) => {
      const was = await store.holds(root);
      await store.remove(root);
      forget(machine, root, (place) => place === store.place);
      return outcome(store, "not trusted", was ? "taken away" : "was not there any more");
    },
  );
  forget(machine, root, (place) => isAbsolute(place) && !existsSync(place));
  return outcomes;
}

function forget(machine: Machine, { fingerprint }: TrustRoot, gone: (place: string) => boolean): void {
  const roots = readRecord(machine).map((entry) =>
    entry.fingerprint === fingerprint ? { ...entry, places: entry.places.filter((place) => !gone(place)) } : entry,
  );
  writeRecord(machine, roots);
}
