/** Long lists: only the rows in view are in the document, and search finds one among many. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import { join } from "node:path";
import { populate } from "#test/bench/population/populate";
import { nameOf } from "#test/bench/population/template";
import { signedIn, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

const certificates = 8_000;
let host: Host;
let seen: Visit;

beforeAll(async () => {
  const directory = temporaryDirectory();
  const first = await startHost({ directory });
  await first.admin.ok("POST", "/certificates", { csr: newCsr(nameOf(0)) });
  await first.stop();
  await populate(join(directory, "data"), { tenant: "default", count: certificates });
  host = await startHost({ directory });
  await host.admin.ok("POST", "/certificates", { csr: newCsr("needle.haystack.test"), validity_seconds: 86_400 * 3 });
  seen = await signedIn(host);
}, 600_000);
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

const rowsInDocument = () => seen.page.locator('.rows [role="row"]').count();

describe("a list of thousands", () => {
  it("has at most 200 rows in the document, however far one scrolls", async () => {
    await seen.open("/certificates");
    for (let step = 0; step < 25; step++) {
      await seen.page.locator(".rows").evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
      await seen.page.waitForTimeout(100);
      expect(await rowsInDocument()).toBeLessThanOrEqual(200);
    }
    const last = await seen.page.locator('.rows [role="row"]').last().getAttribute("aria-rowindex");
    expect(Number(last)).toBeGreaterThan(500);
  });

  it("reads again only what is in view when something changed, and what was left when one comes back", async () => {
    const asked: string[] = [];
    const listed = (url: string) => url.includes("/api/v1/certificates?");
    seen.page.on("request", (request) => void (listed(request.url()) && asked.push(request.url())));
    await host.admin.ok("POST", "/certificates", { csr: newCsr("noise.elsewhere.test") });
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(0);
    await seen.page.waitForTimeout(1_000);
    expect(asked.length).toBeLessThanOrEqual(3);
    // By now the first page is forgotten.
    await seen.page.waitForTimeout(10_000);
    asked.length = 0;
    await seen.page.locator(".rows").evaluate((rows) => rows.scrollTo(0, 0));
    await seen.page.locator('.rows [aria-rowindex="2"]').getByRole("link").waitFor();
    expect(asked.filter((url) => !url.includes("cursor="))).toHaveLength(1);
  });

  it("finds one by its domain, and says in the URL what was searched", async () => {
    await seen.open("/certificates");
    await seen.page.getByLabel("Search", { exact: true }).fill("haystack.test");
    await seen.page.getByRole("link", { name: "needle.haystack.test" }).waitFor({ timeout: 30_000 });
    await expect.poll(rowsInDocument).toBe(1);
    expect(seen.page.url()).toContain("q=haystack.test");
    await seen.page.reload();
    await seen.page.getByRole("link", { name: "needle.haystack.test" }).waitFor();
    expect(await seen.page.getByLabel("Search", { exact: true }).inputValue()).toBe("haystack.test");
  });

  it("asks before it looks through everything for what is rare, and then says that there is none", async () => {
    await seen.open("/certificates?q=population.example.test&status=revoked");
    await seen.page.getByText("0 found so far").waitFor();
    await seen.page.getByRole("button", { name: "Look further" }).click();
    await seen.page.getByText("No certificate is like that").waitFor({ timeout: 30_000 });
  });

  it("finds one by its serial number as openssl prints it, and says why not by a fingerprint", async () => {
    const [needle] = (await host.admin.ok("GET", "/certificates?q=needle.haystack.test")).items;
    const colons = (hex: string): string => hex.toUpperCase().match(/../g)?.join(":") ?? "";
    for (const text of [colons(needle.serial), `serial=${needle.serial.toUpperCase()}`]) {
      await seen.open("/certificates");
      await seen.page.getByLabel("Search", { exact: true }).fill(text);
      await seen.page.getByRole("link", { name: "needle.haystack.test" }).waitFor();
      await expect.poll(rowsInDocument).toBe(1);
    }
    seen.expectRefusals(400);
    await seen.page.getByLabel("Search", { exact: true }).fill(colons(needle.fingerprint));
    await seen.page.getByText("this is a SHA-256 fingerprint, by which certificates are not found").waitFor();
  });

  it("is led to from the picture of when they expire, week by week", async () => {
    await seen.open("/");
    await seen.page.getByText("As a table").first().click();
    await seen.page.getByRole("table").getByRole("link").nth(1).click();
    await seen.page.waitForURL(/status=unrevoked.*expiring_after=.*expiring_before=/);
    await expect.poll(rowsInDocument).toBeGreaterThan(0);
    await seen.page.getByRole("button", { name: "Take off: expiring before" }).click();
    await expect.poll(() => seen.page.url()).not.toContain("expiring_before");
  });

  it("goes back to what was there before", async () => {
    await seen.open("/certificates?sort=-expires");
    await seen.page.getByRole("link", { name: "Evaluation Root" }).waitFor();
    expect(await seen.page.getByLabel("Order").inputValue()).toBe("-expires");
  });
});
