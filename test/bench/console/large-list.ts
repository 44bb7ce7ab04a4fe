/** The list of certificates as a person uses it: by the wheel, by its filters, by typing. */
import type { Page } from "playwright-core";
import type { RunningHost } from "../host.ts";
import type { BarePage } from "./bare-browser.ts";
import { originOf, signInLink, type Visit } from "./browser.ts";
import type { Tasks } from "./tasks.ts";

const rows = '[...document.querySelectorAll(".rows [role=row]")]';
const stepPixels = 4_000;
/** A list that stands still for so long has no more, or has failed. */
const patienceMs = 30_000;

export interface Scrolled extends Tasks {
  readonly seconds: number;
  readonly mostRowsInDocument: number;
}

/** Opens the list, signed in. */
export async function openList(page: BarePage, host: RunningHost): Promise<void> {
  await page.open(signInLink(host));
  await page.until('document.querySelector("nav") !== null');
  await page.open(`${originOf(host)}/certificates`);
  await page.until(`${rows}.length > 10`);
}

/** Turns the wheel until a row with this index was shown. @throws when the list stops before that */
export async function scrollTo(page: BarePage, index: number): Promise<Scrolled> {
  const started = performance.now();
  let mostRowsInDocument = 0;
  const tasks = await page.tasksOf(async () => {
    let moved = started;
    for (let shown = 0; shown < index; ) {
      await page.wheel(600, 500, stepPixels);
      const { count, last } = await page.evaluate<{ readonly count: number; readonly last: number }>(
        `({ count: ${rows}.length, last: Number(${rows}.at(-1)?.getAttribute("aria-rowindex") ?? 0) - 1 })`,
      );
      mostRowsInDocument = Math.max(mostRowsInDocument, count);
      if (last > shown) moved = performance.now();
      else if (performance.now() - moved > patienceMs) throw new Error(`the list stopped at row ${shown} of ${index}`);
      shown = Math.max(shown, last);
    }
  });
  return { ...tasks, seconds: (performance.now() - started) / 1000, mostRowsInDocument };
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
}

export async function filter({ page, settled }: Visit): Promise<readonly Filtered[]> {
  const filtered: Filtered[] = [];
  for (const { name, act } of steps) {
    await act(page);
    filtered.push({ name, ms: await settled(performance.now()) });
  }
  return filtered;
}
