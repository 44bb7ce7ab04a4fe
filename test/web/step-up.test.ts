/** A session that is old is asked to show again who is there, and what was being done goes on: by a pasted link, by one in another tab. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { accessibilityFaults, keepLooks, signedIn, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

let host: Host;
let seen: Visit;
beforeAll(async () => {
  host = await startHost();
  await host.admin.ok("POST", "/certificates", { csr: newCsr("old.example.test") });
  seen = await signedIn(host);
  seen.expectRefusals(400, 403);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

/** As if its person had shown who they are six minutes earlier: while the host is down, nobody else writes its store. */
async function ageSessions(): Promise<void> {
  await seen.page.goto("about:blank");
  await host.stop();
  const store = new DatabaseSync(join(host.data, "host", "store.db"));
  const rows = store.prepare("SELECT pk, sk, body FROM item WHERE pk LIKE 'T#%#U#listed#session'").all();
  expect(rows.length).toBeGreaterThan(0);
  for (const { pk, sk, body } of rows) {
    const kept = JSON.parse(String(body)) as { session: { authenticatedAt: number } };
    kept.session.authenticatedAt -= 6 * 60_000;
    store.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?").run(JSON.stringify(kept), String(pk), String(sk));
  }
  store.close();
  host = await startHost({
    directory: host.directory,
    settings: { TRSTCTL_HTTPS_PORT: new URL(host.apiUrl).port },
  });
}

const newLink = async (): Promise<string> => (await host.cli("console")).stdout.trim();
const linkOfAnother = async (): Promise<string> =>
  (await host.socket("POST", "/admin/sign-in-links", { tenant: "default", subject: "somebody", scopes: ["*"] })).json
    .url as string;
const asking = () => seen.page.getByRole("dialog", { name: "Show again who you are" });
const cookieOf = async (): Promise<string | undefined> => (await seen.page.context().cookies())[0]?.value;

describe("revoking with an old session", () => {
  it("asks, says what is wrong with a link, and revokes after a good one, under another cookie", async () => {
    await ageSessions();
    const { page } = seen;
    const before = await cookieOf();
    await seen.open("/certificates");
    await page.getByRole("link", { name: "old.example.test" }).click();
    await page.getByRole("button", { name: "Revoke…" }).click();
    await page.getByRole("button", { name: "Revoke old.example.test" }).click();
    await asking().waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "step-up");
    await asking().getByLabel("Link").fill("https://trstctl.localhost/#sign-in=nonsense");
    await asking().getByRole("button", { name: "Go on" }).click();
    await asking().getByRole("alert").filter({ hasText: "npx trstctl console" }).waitFor();
    await asking()
      .getByLabel("Link")
      .fill(await linkOfAnother());
    await asking().getByRole("button", { name: "Go on" }).click();
    await asking().getByRole("alert").filter({ hasText: "somebody else" }).waitFor();
    expect((await host.admin.ok("GET", "/certificates?q=old.example.test")).items[0].status).toBe("active");
    await asking()
      .getByLabel("Link")
      .fill(await newLink());
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Revoke…" }).waitFor({ state: "detached" });
    expect(await asking().count()).toBe(0);
    expect((await host.admin.ok("GET", "/certificates?q=old.example.test")).items[0].status).toBe("revoked");
    expect(await cookieOf()).not.toBe(before);
  });
});

describe("a form sent with an old session", () => {
  it("keeps what was typed when one would rather not, and goes on when the link is opened in another tab", async () => {
    await ageSessions();
    const { page } = seen;
    await seen.open("/access");
    await page.getByText("New token").click();
    await page.getByLabel("Speaks for").fill("careful-robot");
    await page.getByLabel("May do what").selectOption("admin");
    await page.getByRole("button", { name: "Mint token" }).click();
    await asking().getByRole("button", { name: "Not now" }).click();
    await page.getByRole("alert").filter({ hasText: "Nothing was done" }).waitFor();
    expect(await page.getByLabel("Speaks for").inputValue()).toBe("careful-robot");
    await page.getByRole("button", { name: "Mint token" }).click();
    await asking().waitFor();
    const other = await page.context().newPage();
    await other.goto(await newLink());
    await other.getByRole("status").filter({ hasText: "You showed who you are" }).waitFor();
    const token = (await page.getByLabel("token", { exact: true }).textContent()) ?? "";
    expect((await host.as(token.trim()).send("GET", "/owners")).status).toBe(200);
    await other.close();
  });

  it("goes on when the link is put into the address bar", async () => {
    await ageSessions();
    const { page } = seen;
    await seen.open("/access");
    await page.getByText("New token").click();
    await page.getByLabel("Speaks for").fill("third-robot");
    await page.getByLabel("May do what").selectOption("admin");
    await page.getByRole("button", { name: "Mint token" }).click();
    await asking().waitFor();
    const { hash } = new URL(await newLink());
    await page.evaluate((secret) => location.assign(secret), hash);
    await page.getByLabel("token", { exact: true }).waitFor();
    expect(page.url()).toBe(`${seen.origin}/access`);
  });
});

describe("a tab whose session another tab renewed", () => {
  it("goes on with the new one without asking", async () => {
    const { page } = seen;
    await seen.open("/owners");
    const other = await page.context().newPage();
    await other.goto(await newLink());
    await other.getByRole("status").filter({ hasText: "You showed who you are" }).waitFor();
    await page.getByText("New owner").click();
    await page.getByLabel("Name").fill("two tabs");
    await page.getByRole("button", { name: "Create owner" }).click();
    await page.getByRole("cell", { name: "two tabs", exact: true }).waitFor();
    await other.close();
  });
});

describe("sessions", () => {
  it("of others are ended on the Access page, at once in their browser", async () => {
    const stranger = await signedIn(host);
    const { page } = seen;
    await seen.open("/access");
    await page.getByRole("button", { name: "Sessions", exact: true }).click();
    const table = page.getByRole("table", { name: "Sessions" });
    await table.getByText("this one").waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "sessions-of-all");
    await table.getByRole("button", { name: "End…", exact: true }).first().click();
    await page.getByRole("button", { name: "End a session of local-admin" }).click();
    await stranger.page.reload();
    await stranger.page.getByText("npx trstctl console").waitFor();
    await stranger.close();
  });

  it("of one's own stand on a page of their own", async () => {
    const { page } = seen;
    await seen.open("/");
    await page.getByRole("link", { name: "local-admin" }).click();
    await page.getByRole("heading", { name: "Your sessions" }).waitFor();
    await page.getByRole("table", { name: "Your sessions" }).getByText("this one").waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
  });
});
