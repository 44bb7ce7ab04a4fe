/** The list of certificates as a person uses it: by the wheel, by its filters, by typing. */
import type { Page } from "playwright-core";
import { longTasks, type Visit } from "./browser.ts";

const rows = ".rows [role=row]";
const stepPixels = 1_500;
/** A list that stands still for so long has no more, or has failed. */
const patienceMs = 20_000;

export interface Scrolled {
  readonly seconds: number;
  readonly mostRowsInDocument: number;
  readonly longestTask: number;
}

/** Turns the wheel until a row with this index was shown. @throws when the list stops before that */
export async function scrollTo({ page }: Visit, index: number): Promise<Scrolled> {
  await longTasks(page);
  await page.locator(rows).first().hover();
  const started = performance.now();
  let mostRowsInDocument = 0;
  let longestTask = 0;
  let moved = started;
  for (let shown = 0; shown < index; ) {
    await page.mouse.wheel(0, stepPixels);
    const { count, last } = await page.evaluate<{ readonly count: number; readonly last: number }>(
      `({ count: document.querySelectorAll("${rows}").length,
          last: Number([...document.querySelectorAll("${rows}")].at(-1)?.getAttribute("aria-rowindex") ?? 0) - 1 })`,
    );
    mostRowsInDocument = Math.max(mostRowsInDocument, count);
    if (last > shown) moved = performance.now();
    else if (performance.now() - moved > patienceMs) throw new Error(`the list stopped at row ${shown} of ${index}`);
    shown = Math.max(shown, last);
  }
  longestTask = Math.max(0, ...(await longTasks(page)));
  return { seconds: (performance.now() - started) / 1000, mostRowsInDocument, longestTask };
}

export interface Step {
  readonly name: string;
  readonly act: (page: Page) => Promise<unknown>;
}

const choose = (label: string, value: string) => (page: Page) =>
  page.getByLabel(label, { exact: true }).selectOption(value);
const type = (text: string) => async (page: Page) => {
  const search = page.getByRole("searchbox");
  await search.fill("");
  await search.pressSequentially(text, { delay: 40 });
};

/** In this order, from the list as it is opened. */
export const steps: readonly Step[] = [
  { name: "revoked", act: choose("Status", "revoked") },
  { name: "revoked, last to expire", act: choose("Order", "-expires") },
  { name: "superseded, last to expire", act: choose("Status", "superseded") },
  { name: "superseded", act: choose("Order", "") },
  { name: "expired", act: choose("Status", "expired") },
  { name: "active", act: choose("Status", "active") },
  { name: "any", act: choose("Status", "") },
  { name: "typed the beginning of names", act: type("c0001") },
  { name: "typed a domain of all", act: type("example.test") },
  { name: "typed a domain of all, revoked", act: choose("Status", "revoked") },
  { name: "typed what there is none of, revoked", act: type("zz.example.test") },
];

export interface Filtered {
  readonly name: string;
  readonly ms: number;
  readonly longestTask: number;
}

export async function filter({ page, settled }: Visit): Promise<readonly Filtered[]> {
  const filtered: Filtered[] = [];
  await longTasks(page);
  for (const { name, act } of steps) {
    await act(page);
    const ms = await settled(performance.now());
    filtered.push({ name, ms, longestTask: Math.max(0, ...(await longTasks(page))) });
  }
  return filtered;
}
