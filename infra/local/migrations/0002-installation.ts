import { newId } from "#shared/crypto/random";
import type { Migration } from "./migration.ts";

/** Backups are told apart by the installation that they come from. */
export const toFormat2: Migration = {
  from: "trstctl-data/1",
  to: "trstctl-data/2",
  does: "gives the installation an identifier",
  apply: (_places, { installation }) => ({ installation: installation ?? newId(Date.now()) }),
};
