/** Debian's Chromium at the bench's host, and what it says of a page: paints, long tasks, memory. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { debianProgram } from "#test/interop/tools/debian-program";
import { install } from "#test/interop/tools/tool";
import { root } from "../../../toolchain/runtime.mjs";
import { environment, type RunningHost } from "../host.ts";

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
  globalThis.bench = { tasks: [], paints: {} };
  const each = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  each("longtask", ({ duration }) => bench.tasks.push(duration));
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
      last = Math.max(last, started);
      // Longer than typing pauses before a search.
      while (asked.size > 0 || performance.now() - last < 400) await wait(20);
      const painted = performance.now();
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
      return last - started + (performance.now() - painted);
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

/** Durations of the tasks of 50 ms and more since this was last asked, milliseconds: shorter ones no browser tells. */
export const longTasks = (page: Page): Promise<readonly number[]> => page.evaluate("bench.tasks.splice(0)");

export interface PageMemory {
  /** Bytes that the page's process holds for itself, as Chromium's task manager counts them. */
  readonly footprint: number;
  /** Bytes of living JavaScript objects. */
  readonly heap: number;
  readonly nodes: number;
}

export async function memoryOf(browser: Browser, page: Page): Promise<PageMemory> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const anonymous = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => anonymousBytes(id));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  await cdp.detach();
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { footprint: Math.max(...anonymous), heap: metric("JSHeapUsedSize"), nodes: metric("Nodes") };
}

function anonymousBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return (kilobytes("RssAnon") + kilobytes("VmSwap")) * 1024;
}
