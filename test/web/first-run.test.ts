/** What a person does on the first day, by mouse and keyboard alone: the certificate that comes out is openssl's to judge. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, run, startHost, temporaryDirectory } from "#test/e2e/host";
import { accessibilityFaults, signedIn, visit, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

let host: Host;
let seen: Visit;
beforeAll(async () => {
  host = await startHost();
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

describe("the first certificate", () => {
  const folder = temporaryDirectory();
  const root = join(folder, "root.pem");
  const chain = join(folder, "app.pem");

  it("is issued by following the guide, and openssl verifies it", async () => {
    const { page } = seen;
    await page.getByRole("heading", { name: "Your first certificate" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save root.pem" }).click(),
    ]);
    writeFileSync(root, readFileSync(await download.path()));
    await page.getByRole("link", { name: "Issue a certificate" }).click();
    await page.getByLabel("Certificate request").fill(newCsr("app.example.test"));
    await page.getByRole("button", { name: "Issue", exact: true }).click();
    await page.getByRole("heading", { name: "Issued: app.example.test" }).waitFor();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /^Save .*\.pem$/ }).click(),
    ]);
    writeFileSync(chain, readFileSync(await saved.path()));
    const verified = await run("openssl", ["verify", "-CAfile", root, "-untrusted", chain, chain]);
    expect(verified.stdout).toContain("app.pem: OK");
  });

  it("is in the list without a reload, and on the overview", async () => {
    await seen.page.getByRole("link", { name: "Certificates", exact: true }).click();
    await seen.page.getByRole("link", { name: "app.example.test" }).waitFor();
    await host.admin.ok("POST", "/certificates", { csr: newCsr("live.example.test") });
    await seen.page.getByRole("link", { name: "live.example.test" }).waitFor({ timeout: 20_000 });
  });

  it("is revoked after a question that names it, and OCSP says so", async () => {
    const { page } = seen;
    await page.getByRole("link", { name: "app.example.test" }).click();
    await page.getByRole("button", { name: "Revoke…" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Revoke app.example.test?" });
    await dialog.waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await dialog.count()).toBe(0);
    await page.getByRole("button", { name: "Revoke…" }).click();
    await dialog.getByLabel("Why").selectOption("keyCompromise");
    await dialog.getByRole("button", { name: "Revoke app.example.test" }).click();
    await page.getByText("keyCompromise").waitFor();
    expect((await host.admin.ok("GET", "/certificates?q=app.example.test")).items[0]).toMatchObject({
      status: "revoked",
    });
  });
});

describe("a form", () => {
  it("keeps what was typed when the host refuses, and says what is wrong at the field", async () => {
    const { page } = seen;
    seen.expectRefusals(400, 422);
    await seen.open("/certificates/issue");
    const field = page.getByLabel("Certificate request");
    await field.fill("no request");
    await page.getByRole("button", { name: "Issue", exact: true }).click();
    await page.locator(".refusal").waitFor();
    expect(await field.inputValue()).toBe("no request");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await accessibilityFaults(seen)).toEqual([]);
  });
});

describe("access", () => {
  it("mints a token that works and is shown once", async () => {
    const { page } = seen;
    await seen.open("/access");
    await page.getByText("New token").click();
    await page.getByLabel("Speaks for").fill("robot");
    await page.getByRole("button", { name: "Mint token" }).click();
    const token = (await page.getByLabel("token", { exact: true }).textContent()) ?? "";
    expect((await host.as(token.trim()).send("GET", "/owners")).status).toBe(200);
    await seen.open("/access");
    expect(await page.getByText(token.trim()).count()).toBe(0);
  });
});

describe("audit", () => {
  it("is proven in the browser", async () => {
    await seen.open("/audit");
    await seen.page.getByRole("button", { name: "Prove the log" }).click();
    await seen.page.getByText("this browser computed it").waitFor();
    await seen.page.getByText("what is stored is what the log gives").waitFor();
    await seen.page.getByText(/signatures of the signer/).waitFor();
  });
});

describe("by keyboard alone", () => {
  it("one comes past the navigation and to a page", async () => {
    const { page } = seen;
    await seen.open("/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
  });
});

describe("signing out", () => {
  it("ends the session on the host, not only in the browser", async () => {
    const mine = await signedIn(host);
    const cookies = await mine.page.context().cookies();
    await mine.page.getByRole("button", { name: "Sign out" }).click();
    await mine.page.getByText("npx trstctl console").waitFor();
    const thief = await visit(host);
    await thief.page.context().addCookies(cookies);
    await thief.page.goto(`${thief.origin}/certificates`);
    await thief.page.getByText("npx trstctl console").waitFor();
    await thief.close();
    await mine.close();
  });
});
