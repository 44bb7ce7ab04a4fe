/** What is left on the screen when a session is over, and what keeps one from being over. */
import type { Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { signedIn, type Visit } from "./browser.ts";

let host: Host;
let seen: Visit;
beforeAll(async () => {
  host = await startHost();
  await host.admin.ok("POST", "/owners", { kind: "team", name: "Confidential works" });
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

const linkFor = async (subject: string, scopes: readonly string[]): Promise<string> => {
  const { json } = await host.socket("POST", "/admin/sign-in-links", { tenant: "default", subject, scopes });
  return new URL((json as { url: string }).url).hash;
};

describe("a session that is over", () => {
  it("leaves nothing on the screen, and nothing to who signs in next in the same page", async () => {
    const { page } = seen;
    await seen.open("/owners");
    await page.getByText("Confidential works").waitFor();
    await page.context().clearCookies(); // what the host answers is the same as for one that somebody ended
    await page.getByLabel("command").waitFor({ timeout: 30_000 });
    expect(await page.getByText("Confidential works").count()).toBe(0);

    seen.expectRefusals(403);
    const hash = await linkFor("somebody", ["audit:read"]);
    await page.evaluate((next) => (location.hash = next), hash);
    await page.getByRole("banner").getByText("somebody").waitFor();
    await page.getByText("owners:read").first().waitFor();
    expect(await page.getByText("Confidential works").count()).toBe(0);
  });
});

describe("a page that nobody is at", () => {
  it("says so when it asks by itself, until somebody is there again", async () => {
    const { page } = seen;
    await page.clock.install();
    await page.goto(`${seen.origin}/`);
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    const changes = (unattended: boolean): Promise<Request> =>
      page.waitForRequest(
        (request) => request.url().includes("/status/changes") && "x-unattended" in request.headers() === unattended,
      );
    await changes(false);
    const alone = changes(true);
    await page.clock.fastForward(61_000);
    await alone;
    const back = changes(false);
    await page.mouse.move(5, 5);
    await page.clock.fastForward(10_000);
    await back;
  });
});
