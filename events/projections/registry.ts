import { inventory } from "./inventory.ts";

/** One line for each read model that follows the log. */
export const projections = [inventory] as const;

/** Every row under `P`: also that of the clock, which remembers how far it compared the log with the signer's journal. */
export const followers = [...projections.map(({ name }) => name), "reconciliation"] as const;
