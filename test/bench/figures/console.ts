import { setTimeout as wait } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { buildWeb } from "../../../toolchain/build-web.mjs";
import { builtManifest, initialJavaScript } from "../../architecture/console-chunks.ts";
import { openBarePage } from "../console/bare-browser.ts";
import { openBrowser, originOf, paints, signIn, tasksOf, type Visit, visit } from "../console/browser.ts";
import { filter, type Filtered, openList, scrollTo } from "../console/large-list.ts";
import type { Tasks } from "../console/tasks.ts";
import { firstCertificate } from "../console/first-certificate.ts";
import { atMost, type Figure, type Line } from "../figure.ts";
import type { RunningHost } from "../host.ts";

const megabyte = 1e6;
const kilobyte = 1e3;
const landing = "pages/dashboard/dashboard.tsx";

/** The console in Debian's Chromium at a host with the inventory. Tasks are those of the page's main thread. */
export const consoleFigure: Figure = {
  name: "console",
  title: "the console in a browser: first paint, tasks, memory, with many certificates",
  async measure(session) {
    buildWeb();
    const host = await session.inventoryHost();
    const browser = await openBrowser();
    try {
      return [
        { figure: "console", unit: "certs", samples: [session.certificates] },
        ...(await firstPaint(browser, host, session.quick ? 1 : 5)),
        ...(await list(host, session.quick ? [500] : [10_000, 30_000].filter((depth) => depth < session.certificates))),
        ...(await filters(browser, host)),
        ...(await navigation(browser, host)),
        ...(await firstCertificate(browser, await session.host())),
      ];
    } finally {
      await browser.close();
    }
  },
};

async function firstPaint(browser: Browser, host: RunningHost, times: number): Promise<readonly Line[]> {
  const state = await signIn(browser, host);
  const samples = { fcp: [] as number[], shown: [] as number[], signInFcp: [] as number[], scripts: [] as number[] };
  for (let n = 0; n < times; n++) {
    const seen = await visit(browser, state);
    let transferred = 0;
    seen.page.on("response", (response) => {
      if (response.request().resourceType() === "script")
        void response
          .request()
          .sizes()
          .then(
            ({ responseBodySize }) => (transferred += responseBodySize),
            () => undefined,
          );
    });
    const started = performance.now();
    await seen.page.goto(`${originOf(host)}/`);
    samples.shown.push((await seen.settled(started)) / 1000);
    samples.fcp.push(((await paints(seen.page))["first-contentful-paint"] ?? Number.NaN) / 1000);
    samples.scripts.push(transferred / kilobyte);
    await seen.close();
    const stranger = await visit(browser);
    await stranger.page.goto(`${originOf(host)}/`);
    await stranger.page.getByRole("heading", { level: 1 }).waitFor();
    await wait(100); // the observer is told after the paint
    samples.signInFcp.push(((await paints(stranger.page))["first-contentful-paint"] ?? Number.NaN) / 1000);
    await stranger.close();
  }
  const gzip = (initialJavaScript(builtManifest()).get(landing) ?? Number.NaN) / kilobyte;
  return [
    { figure: "console_fcp", unit: "s", goal: atMost(1), samples: samples.fcp },
    { figure: "console_shown", unit: "s", samples: samples.shown },
    { figure: "console_sign_in_fcp", unit: "s", goal: atMost(1), samples: samples.signInFcp },
    { figure: "console_javascript", unit: "KB", goal: atMost(200), samples: [gzip] },
    { figure: "console_javascript_sent", unit: "KB", samples: samples.scripts },
  ];
}

async function opened(browser: Browser, host: RunningHost, path: string): Promise<Visit> {
  const seen = await visit(browser, await signIn(browser, host));
  const started = performance.now();
  await seen.page.goto(`${originOf(host)}${path}`);
  await seen.settled(started);
  return seen;
}

/** @param depths rows that are scrolled to, ascending */
async function list(host: RunningHost, depths: readonly number[]): Promise<readonly Line[]> {
  const page = await openBarePage();
  try {
    await openList(page, host);
    const lines: Line[] = [];
    for (const depth of depths) {
      const scrolled = await scrollTo(page, depth);
      const { footprint, heap, nodes } = await page.memory();
      const line = (what: string, unit: string, sample: number, most?: number): Line => ({
        figure: `console_${depth}_${what}`,
        unit,
        samples: [sample],
        ...(most !== undefined && { goal: atMost(most) }),
      });
      lines.push(
        line("scrolled", "s", scrolled.seconds),
        ...taskLines(`console_${depth}`, scrolled),
        line("rows_in_document", "", scrolled.mostRowsInDocument, 200),
        line("memory", "MB", footprint / megabyte, 150),
        line("heap", "MB", heap / megabyte),
        line("nodes", "", nodes),
      );
    }
    return lines;
  } finally {
    await page.close();
  }
}

const taskLines = (name: string, { longest, longestCpu }: Tasks): readonly Line[] => [
  { figure: `${name}_longest_task`, unit: "ms", goal: atMost(100), samples: [longest] },
  { figure: `${name}_longest_task_cpu`, unit: "ms", samples: [longestCpu] },
];

async function filters(browser: Browser, host: RunningHost): Promise<readonly Line[]> {
  const seen = await opened(browser, host, "/certificates");
  let filtered: readonly Filtered[] = [];
  const tasks = await tasksOf(browser, seen.page, async () => void (filtered = await filter(seen)));
  await seen.close();
  for (const { name, ms } of filtered) process.stderr.write(`console: ${name}: ${Math.round(ms)} ms\n`);
  return [
    ...taskLines("console_filter", tasks),
    { figure: "console_filter_slowest", unit: "ms", samples: [Math.max(...filtered.map(({ ms }) => ms))] },
  ];
}

/** Every page of the navigation in turn, from the click until it shows what it asked for. */
async function navigation(browser: Browser, host: RunningHost): Promise<readonly Line[]> {
  const seen = await opened(browser, host, "/");
  const links = seen.page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  const times: number[] = [];
  const tasks = await tasksOf(browser, seen.page, async () => {
    for (let n = (await links.count()) - 1; n >= 0; n--) {
      const started = performance.now();
      await links.nth(n).click();
      times.push(await seen.settled(started));
    }
  });
  await seen.close();
  return [
    { figure: "console_navigate", unit: "ms", samples: times },
    { figure: "console_navigate_slowest", unit: "ms", samples: [Math.max(...times)] },
    ...taskLines("console_navigate", tasks),
  ];
}
