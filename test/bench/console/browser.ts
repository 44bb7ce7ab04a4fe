/** Debian's Chromium at the bench's host, driven by playwright, and what it says of a page: paints and tasks. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { debianProgram } from "#test/interop/tools/debian-program";
import { install } from "#test/interop/tools/tool";
import { root } from "../../../toolchain/runtime.mjs";
import { environment, type RunningHost } from "../host.ts";
import { longer, noTasks, type Tasks, tasksIn, traceCategory, type TraceEvent } from "./tasks.ts";

export async function openBrowser(): Promise<Browser> {
  await install(debianProgram("Chromium", "chromium"));
  // Whoever runs the bench may be root, where Chromium's sandbox does not work. No spare process: one page, one renderer.
  const args = ["--no-sandbox", "--disable-features=SpareRendererForSitePerProcess"];
  return await chromium.launch({ executablePath: "/usr/bin/chromium", args });
}

export const originOf = ({ profile }: RunningHost): string => `https://trstctl.localhost:${new URL(profile.url).port}`;

/** A link that signs in, as `trstctl console` prints it. */
export function signInLink({ dataDirectory }: RunningHost): string {
  const env = environment(join(dataDirectory, ".."));
  const cli = join(root, "cli", "trstctl.mjs");
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, "console"], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`trstctl console: ${stderr}`);
  return stdout.trim();
}

/** Runs in every document before anything else. */
const observers = `
  globalThis.bench = { paints: {} };
  const each = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  each("paint", ({ name, startTime }) => (bench.paints[name] = startTime));
`;

export interface Visit {
  readonly page: Page;
  /** Until nothing was asked of the API for a while. @returns milliseconds from `started` to the last answer that was shown */
  settled(started: number): Promise<number>;
  close(): Promise<void>;
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A browser that was never here: nothing is cached. @param state cookies of a session */
export async function visit(browser: Browser, state?: State): Promise<Visit> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, // the root is the host's own
    viewport: { width: 1280, height: 860 },
    ...(state !== undefined && { storageState: state }),
  });
  await context.addInitScript(observers);
  const page = await context.newPage();
  const asked = new Set<object>();
  let last = 0;
  const concerns = (url: string): boolean => url.includes("/api/v1/") && !url.includes("/status/changes");
  page.on("request", (request) => void (concerns(request.url()) && asked.add(request)));
  for (const ended of ["requestfinished", "requestfailed"] as const)
    page.on(ended as "requestfinished", (request) => {
      if (asked.delete(request)) last = performance.now();
    });
  return {
    page,
    async settled(started) {
      const called = performance.now();
      // Longer than typing pauses before a search.
      while (asked.size > 0 || performance.now() - Math.max(last, called) < 400) await wait(20);
      const painting = performance.now();
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
      return Math.max(last, started) - started + (performance.now() - painting);
    },
    close: () => context.close(),
  };
}

export async function signIn(browser: Browser, host: RunningHost): Promise<State> {
  const { page, close } = await visit(browser);
  await page.goto(signInLink(host));
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  const state = await page.context().storageState();
  await close();
  return state;
}

/** Milliseconds after the navigation; those that were painted. */
export const paints = (page: Page): Promise<Readonly<Record<string, number>>> => page.evaluate("bench.paints");

/** Tasks of the page while `work` ran. */
export async function tasksOf(browser: Browser, page: Page, work: () => Promise<void>): Promise<Tasks> {
  await browser.startTracing(page, { categories: [traceCategory, "__metadata"] });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const renderers = trace.traceEvents.filter(
    ({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain",
  );
  return renderers.map(({ pid }) => tasksIn(trace.traceEvents, pid)).reduce(longer, noTasks);
}
