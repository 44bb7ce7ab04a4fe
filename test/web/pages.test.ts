/**
 * Every page, in both schemes and as narrow as a telephone: no rule of accessibility broken, nothing beside the screen.
 * `TRSTCTL_SCREENSHOTS=<directory> npm run test:web` keeps what they and their dialogs look like.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { pages } from "../../web/pages/registry.ts";
import { accessibilityFaults, keepLooks, signedIn, visit, type Visit } from "./browser.ts";
import { fill } from "./realistic.ts";

let host: Host;
/** The pages' paths with what is there in place of their parameters. */
let paths: readonly string[];

beforeAll(async () => {
  host = await startHost();
  const { certificate, identity, issuer, owner } = await fill(host);
  const job = await host.admin.ok("POST", "/revocations", { owner_id: owner, mode: "preview" });
  const effect = (await host.admin.ok("GET", "/outbox?limit=1")).items[0];
  const known: Readonly<Record<string, string>> = {
    "/certificates/$id": `/certificates/${certificate}`,
    "/identities/$id": `/identities/${identity}`,
    "/issuers/$id": `/issuers/${issuer}`,
    "/profiles/$name": "/profiles/default",
    "/profiles/$name/edit": "/profiles/default/edit",
    "/enrolment/$label": "/enrolment/default",
    "/operations/revocations/$id": `/operations/revocations/${job.id}`,
    "/operations/outbox/$id": `/operations/outbox/${effect.id}`,
  };
  paths = looks.map((path) => known[path] ?? path);
  // A page that wants a parameter and gets none would be looked at as a refusal.
  const unknown = paths.filter((path) => path.includes("$"));
  if (unknown.length > 0) throw new Error(`give ${unknown.join(", ")} something to show`);
});
afterAll(async () => host?.stop());

/** Every page, and those that have more than one to show. */
const looks = [...pages.map(({ path }) => path), "/access?show=members", "/access?show=roles", "/access?show=sessions"];
const pathOf = (pattern: string): string => paths[looks.indexOf(pattern)] ?? pattern;

const screenshots = process.env["TRSTCTL_SCREENSHOTS"];

async function keep({ page }: Visit, path: string, look: string): Promise<void> {
  if (screenshots === undefined) return;
  const name = path === "/" ? "overview" : path.slice(1).replaceAll(/[/$?=]+/g, "-");
  await page.screenshot({ path: join(screenshots, `${name}.${look}.png`), fullPage: true });
}

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  let seen: Visit;
  beforeAll(async () => {
    seen = await signedIn(host, { scheme });
  });
  afterAll(async () => seen?.close());

  it.each(looks.map((path) => [path] as const))("%s breaks no rule of accessibility", async (pattern) => {
    await seen.open(pathOf(pattern));
    await keep(seen, pattern, scheme);
    expect(await seen.page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await accessibilityFaults(seen)).toEqual([]);
  });
});

describe("360 pixels wide", () => {
  it("shows every page without scrolling sideways", async () => {
    const seen = await signedIn(host, { width: 360 });
    for (const pattern of looks) {
      const path = pathOf(pattern);
      await seen.open(path);
      await keep(seen, pattern, "narrow");
      const over = await seen.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([path, over]).toEqual([path, 0]);
    }
    await seen.close();
  });
});

/** Each on its page, and what it is opened by. */
const dialogs: readonly (readonly [name: string, pattern: string, button: string])[] = [
  ["revoke", "/certificates/$id", "Revoke…"],
  ["retire", "/issuers/$id", "Retire…"],
  ["disable", "/enrolment/$label", "Disable…"],
  ["approve", "/enrolment/requests", "Approve…"],
  ["refuse", "/enrolment/requests", "Refuse…"],
  ["delete-owner", "/owners", "Delete…"],
  ["revoke-token", "/access", "Revoke…"],
  ["offboard", "/access?show=members", "Offboard…"],
  ["revoke-identity", "/identities/$id", "Revoke…"],
];

describe("dialogs, 360 pixels wide", () => {
  let seen: Visit;
  beforeAll(async () => {
    seen = await signedIn(host, { width: 360 });
  });
  afterAll(async () => seen?.close());

  /** Whatever is wider than its dialog, or a dialog that is wider than the screen. */
  const overflow = (): Promise<readonly string[]> =>
    seen.page.evaluate(() =>
      [...document.querySelectorAll("dialog[open], dialog[open] *")]
        .filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).display !== "inline")
        .map(({ outerHTML }) => outerHTML.slice(0, 120)),
    );

  it.each(dialogs)("%s fits, and breaks no rule", async (name, pattern, button) => {
    await seen.open(pathOf(pattern));
    await seen.page.getByRole("button", { name: button, exact: true }).last().click();
    await seen.page.getByRole("alertdialog").waitFor();
    expect(await overflow()).toEqual([]);
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, `dialog-${name}`);
  });

  it("revoking many fits, where the name to type is long", async () => {
    await seen.open("/operations/revocations/new");
    const { page } = seen;
    await page.getByLabel("Issuer").selectOption({ label: "Shop CA 2026" });
    await page.getByRole("button", { name: "Count them" }).click();
    await page.getByRole("button", { name: "Revoke…" }).click();
    await page.getByLabel("Type Shop CA 2026 to go on").fill("Shop CA 2026");
    expect(await overflow()).toEqual([]);
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "dialog-revoke-many");
  });
});

describe("a page that stays open", () => {
  it("goes on saying how long ago", async () => {
    const seen = await visit(host);
    await seen.page.clock.install();
    await seen.page.goto((await host.cli("console")).stdout.trim());
    await seen.page.getByRole("navigation", { name: "Pages" }).waitFor();
    await seen.open(pathOf("/certificates/$id"));
    const begun = seen.page.getByText("Valid from", { exact: true }).locator("xpath=following-sibling::*");
    expect(await begun.textContent()).not.toContain("hours ago");
    await seen.page.clock.fastForward("03:00:00");
    await begun.getByText("3 hours ago").waitFor();
    await seen.close();
  });
});

describe("a list that is wider than the screen", () => {
  it("says so, and scrolls with its head", async () => {
    const seen = await signedIn(host, { width: 360 });
    const { page } = seen;
    await seen.open("/access");
    expect(await page.getByText("The list goes on to the right.").isVisible()).toBe(true);
    const table = page.getByRole("table", { name: "API tokens" });
    const edges = await table.evaluate((list) => {
      list.scrollLeft = list.scrollWidth;
      const right = (of: string): number =>
        Math.round(list.querySelector(of)?.lastElementChild?.getBoundingClientRect().right ?? 0);
      return [right(".head"), right(".rows [role=row]"), Math.round(list.getBoundingClientRect().right)];
    });
    expect(edges[0]).toBe(edges[1]);
    expect(edges[0]).toBeLessThanOrEqual(edges[2] ?? 0);
    await seen.close();
  });
});

describe("before anybody is signed in", () => {
  it("says how to sign in, and breaks no rule either", async () => {
    const seen = await visit(host);
    await seen.open("/certificates");
    expect(await seen.page.getByText("npx trstctl console").count()).toBe(1);
    expect(await seen.page.getByText("npx trstctl trust install").count()).toBe(1);
    await keepLooks(seen, "sign-in");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await seen.close();
  });
});
