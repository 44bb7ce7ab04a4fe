/** A real Chromium at a real host. Whatever its console says, and whatever its policies refuse, is a failure. */
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { Host } from "#test/e2e/host";

let browser: Browser;
beforeAll(async () => {
  // The test's own user may be root, where Chromium's sandbox does not work.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
});
afterAll(async () => browser?.close());

export interface Visit {
  readonly page: Page;
  /** `https://trstctl.localhost:<port>`. */
  readonly origin: string;
  /** Opens a page of the console and waits until nothing is loading. */
  open(path: string): Promise<void>;
  /** Answers of the host that are to be refusals. */
  expectRefusals(...statuses: number[]): void;
  /** What the browser is to refuse, by the beginning of what it says. */
  expectRefusal(beginning: string): void;
  close(): Promise<void>;
}

export interface Look {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
}

export const originOf = (host: Host): string => `https://trstctl.localhost:${new URL(host.apiUrl).port}`;

/** Without a session. */
export async function visit(host: Host, { scheme = "light", width = 1280 }: Look = {}): Promise<Visit> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, // the root is the host's own
    colorScheme: scheme,
    viewport: { width, height: 860 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const said: string[] = [];
  const allowed: string[] = [];
  const refusals = new Set<number>([401]); // asked before anybody is signed in
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const status = Number(/status of (\d{3})/.exec(message.text())?.[1]);
    if (!refusals.has(status) && !allowed.some((text) => message.text().startsWith(text)))
      said.push(`${message.type()}: ${message.text()}`);
  });
  const origin = originOf(host);
  return {
    page,
    origin,
    async open(path) {
      await page.goto(`${origin}${path}`);
      await page.getByRole("main").waitFor();
      await expect.poll(() => page.locator(".waiting").count(), { timeout: 20_000 }).toBe(0);
    },
    expectRefusals: (...statuses) => {
      for (const status of statuses) refusals.add(status);
    },
    expectRefusal: (beginning) => void allowed.push(beginning),
    async close() {
      await context.close();
      expect(said).toEqual([]);
    },
  };
}

/** Signed in by a link, as the person who started the host. */
export async function signedIn(host: Host, look: Look = {}): Promise<Visit> {
  const opened = await visit(host, look);
  const { stdout, code, stderr } = await host.cli("console");
  expect(code, stderr).toBe(0);
  await opened.page.goto(stdout.trim());
  await opened.page.getByRole("navigation", { name: "Pages" }).waitFor();
  return opened;
}

const screenshots = process.env["TRSTCTL_SCREENSHOTS"];

/** Keeps what is to be seen now, in both schemes and 360 pixels wide, where a directory for it was named. */
export async function keepLooks({ page }: Visit, name: string): Promise<void> {
  if (screenshots === undefined) return;
  const before = page.viewportSize() ?? { width: 1280, height: 860 };
  const looks = [
    ["light", 1280],
    ["dark", 1280],
    ["narrow", 360],
  ] as const;
  for (const [look, width] of looks) {
    await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light" });
    await page.setViewportSize({ width, height: before.height });
    await page.screenshot({ path: join(screenshots, `${name}.${look}.png`) });
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** What axe finds against WCAG 2.2 A and AA, as text. */
export async function accessibilityFaults({ page }: Visit): Promise<string[]> {
  // evaluate, not a script tag: the page's policy refuses scripts that are not its own, as it should.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    }),
  );
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}
