import { inventory } from "./inventory.ts";

/** One line for each read model that follows the log. */
export const projections = [inventory] as const;
