/** What the local signer refuses and does, the signer over a table refuses and does: the very same tests, run against it; so does reconciling log and journal. */
import { afterAll, beforeAll, describe } from "vitest";
import { workshopsAt } from "#test/signer/workshop";

declare global {
  interface ImportMeta {
    /** Vite's. */
    glob(patterns: readonly string[], options: { readonly query: string }): Record<string, () => Promise<unknown>>;
  }
}

const suites = import.meta.glob(
  [
    "../guard/attacks/*.test.ts",
    "!../guard/attacks/over-the-socket.test.ts",
    "../guard/guard.test.ts",
    "../../test/in-process/{reconcile,delta-crls}.test.ts",
  ],
  { query: "?over-a-table" },
);

beforeAll(() => workshopsAt("table"));
afterAll(() => workshopsAt("file"));

describe.each(Object.entries(suites))("%s", async (_path, load) => void (await load()));
