/** Sign-in in a browser by a provider that is a process of its own, at another site: two people in two tenants. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import { type ProviderProcess, startProviderProcess } from "#test/oidc/provider-process";
import { accessibilityFaults, keepLooks, visit, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

const clientSecret = "of the test alone";
const directory = temporaryDirectory();
let provider: ProviderProcess;
let host: Host;
let publicUrl: string;

const settings = (httpsPort: string): Record<string, string> => ({
  TRSTCTL_SIGN_IN_FILE: join(directory, "sign-in.json"),
  TRSTCTL_EGRESS_CIDRS: "127.0.0.0/8",
  TRSTCTL_HTTPS_PORT: httpsPort,
});

beforeAll(async () => {
  provider = await startProviderProcess();
  writeFileSync(join(directory, "secret"), clientSecret, { mode: 0o600 });
  writeFileSync(join(directory, "provider.pem"), provider.authority, { mode: 0o600 });
  const document = {
    providers: {
      work: {
        title: "Example ID",
        issuer: provider.issuer,
        client_id: "trstctl",
        client_secret_file: "secret",
        ca_file: "provider.pem",
        private_networks: true,
        sign_out_at_provider: true,
        rules: [
          { group: "pki", tenant: "default", roles: ["admin"] },
          { subject: "bob", tenant: "beta", roles: ["admin"] },
        ],
      },
    },
  };
  writeFileSync(join(directory, "sign-in.json"), JSON.stringify(document), { mode: 0o600 });
  host = await startHost({ directory, settings: settings("0") });
  const { port } = new URL(host.apiUrl);
  publicUrl = `https://localhost:${port}`;
  const root = (await host.cli("tls-root")).stdout;
  await provider.serve({
    origin: publicUrl,
    id: "work",
    root,
    clientSecret,
    accounts: { ada: { name: "Ada", groups: ["pki", "all"] }, bob: { name: "Bob" }, eve: { name: "Eve" } },
  });
  await host.admin.ok("POST", "/certificates", { csr: newCsr("app.of-default.test") });
  const beta = host.as(await host.token({ tenant: "beta", scopes: ["*"] }));
  await beta.ok("POST", "/owners", { kind: "team", name: "Team of beta", email: "beta@example.test" });
  await host.admin.ok("POST", "/owners", { kind: "team", name: "Team of default", email: "default@example.test" });
}, 120_000);
afterAll(async () => {
  provider?.stop();
  await host?.stop();
});

/** From the console's page, by the button, to the provider's, and back. */
async function signInAs(name: string, path = "/", seen?: Visit): Promise<Visit> {
  const opened = seen ?? (await visit(host));
  const { page } = opened;
  // The provider's page asks for a font from elsewhere, and has no icon.
  opened.expectRefusal("Failed to load resource: net::ERR_NAME_NOT_RESOLVED");
  opened.expectRefusals(404);
  await page.goto(`${publicUrl}${path}`);
  await page.getByRole("link", { name: "Sign in with Example ID" }).click();
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  return opened;
}

const waitForConsole = async ({ page }: Visit): Promise<void> =>
  page.getByRole("navigation", { name: "Pages" }).waitFor();
const sessionCookies = async ({ page }: Visit) =>
  (await page.context().cookies()).filter(({ name }) => /^__Host-trstctl-\d+$/.test(name));

describe("two people", () => {
  it("come back to the page that they wanted, each in the tenant of the rules, and see its things alone", async () => {
    const ada = await signInAs("ada", "/owners?limit=10");
    await waitForConsole(ada);
    expect(ada.page.url()).toBe(`${publicUrl}/owners?limit=10`);
    const bob = await signInAs("bob", "/owners");
    await waitForConsole(bob);
    await ada.page.getByText("Team of default").waitFor();
    await bob.page.getByText("Team of beta").waitFor();
    expect(await ada.page.getByText("Team of beta").count()).toBe(0);
    expect(await bob.page.getByText("Team of default").count()).toBe(0);
    for (const seen of [ada, bob]) {
      const [cookie, ...others] = await sessionCookies(seen);
      expect(others).toEqual([]);
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
    }
    await ada.close();
    await bob.close();
  });
});

describe("somebody whom no rule knows", () => {
  it("reads in a page why, may choose another account, and is not signed in", async () => {
    const seen = await visit(host);
    seen.expectRefusals(403);
    await seen.page.goto(publicUrl);
    await seen.page.getByRole("link", { name: "Sign in with Example ID" }).waitFor();
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "sign-in-provider");
    await signInAs("eve", "/", seen);
    await seen.page.getByRole("heading", { name: "You are not signed in" }).waitFor();
    expect(await seen.page.getByRole("alert").textContent()).toContain("nobody has said which tenant");
    expect(await accessibilityFaults(seen)).toEqual([]);
    await keepLooks(seen, "sign-in-refused");
    expect(await sessionCookies(seen)).toEqual([]);
    await seen.page.getByRole("link", { name: "Choose another account" }).click();
    await seen.page.locator('input[name="login"]').fill("ada");
    await seen.page.locator('input[name="password"]').fill("anything");
    await seen.page.getByRole("button", { name: "Sign-in" }).click();
    await waitForConsole(seen);
    await seen.close();
  });
});

describe("a grave operation", () => {
  /** What another tab does at the provider, where the person shows again who they are. */
  async function showAgain(seen: Visit, name: string): Promise<void> {
    const { page } = seen;
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Sign in at work" }).click(),
    ]);
    await tab.locator('input[name="login"]').fill(name);
    await tab.locator('input[name="password"]').fill("anything");
    await tab.getByRole("button", { name: "Sign-in" }).click();
    await tab.getByRole("heading", { name: "You showed who you are" }).waitFor();
    await tab.close();
  }

  it("sends the person to the provider again in another tab, and then goes on by itself", async () => {
    const seen = await signInAs("ada", "/certificates");
    const { page } = seen;
    seen.expectRefusals(403);
    await page.getByRole("link", { name: "app.of-default.test" }).click();
    await page.getByRole("button", { name: "Revoke…" }).click();
    await page.getByRole("button", { name: "Revoke app.of-default.test" }).click();
    const asking = page.getByRole("dialog", { name: "Show again who you are" });
    await asking.waitFor();
    const [before] = await sessionCookies(seen);
    const status = async (): Promise<unknown> =>
      (await host.admin.ok("GET", "/certificates?q=app.of-default.test")).items[0].status;
    expect(await status()).toBe("active");
    await showAgain(seen, "ada");
    await asking.waitFor({ state: "hidden" });
    await expect.poll(status).toBe("revoked");
    expect((await sessionCookies(seen))[0]?.value).not.toBe(before?.value);
    await seen.close();
  });
});

describe("a session", () => {
  it("survives a restart of the host", async () => {
    const seen = await signInAs("ada");
    await waitForConsole(seen);
    seen.expectRefusal("Failed to load resource: net::ERR_CONNECTION_REFUSED"); // while the host is down
    const { port } = new URL(host.apiUrl);
    await host.stop();
    host = await startHost({ directory, settings: settings(port) });
    await seen.page.goto(`${publicUrl}/owners`);
    await seen.page.getByText("Team of default").waitFor();
    await seen.close();
  }, 120_000);

  it("of before is not the one of after: every sign-in makes another, and a cookie from outside is not taken on", async () => {
    const seen = await visit(host);
    const { port } = new URL(publicUrl);
    const planted = `default.01930000-0000-7000-8000-000000000000.${"A".repeat(43)}`;
    await seen.page
      .context()
      .addCookies([{ name: `__Host-trstctl-${port}`, value: planted, url: publicUrl, secure: true, httpOnly: true }]);
    await signInAs("ada", "/", seen);
    await waitForConsole(seen);
    const [first] = await sessionCookies(seen);
    expect(first?.value).not.toBe(planted);
    await seen.page.goto(`${publicUrl}/auth/oidc/work/start`);
    await waitForConsole(seen);
    const [second] = await sessionCookies(seen);
    expect(second?.value).not.toBe(first?.value);
    await seen.close();
  });

  it("ends in the browser when the provider ends its own (back-channel logout)", async () => {
    const seen = await signInAs("ada");
    await waitForConsole(seen);
    const elsewhere = await signInAs("bob");
    await waitForConsole(elsewhere);
    const atProvider = await seen.page.context().newPage();
    await atProvider.goto(`${provider.issuer}/session/end`);
    await atProvider.getByRole("button", { name: /yes/i }).click();
    await expect
      .poll(async () => {
        await seen.page.goto(`${publicUrl}/owners`);
        await seen.page.getByRole("main").waitFor();
        return seen.page.getByRole("link", { name: "Sign in with Example ID" }).isVisible();
      })
      .toBe(true);
    await elsewhere.page.goto(`${publicUrl}/owners`);
    await elsewhere.page.getByText("Team of beta").waitFor();
    await seen.close();
    await elsewhere.close();
  });

  it("ends at sign-out, on the host and, where the operator wants it, at the provider", async () => {
    const seen = await signInAs("ada");
    await waitForConsole(seen);
    const cookies = await seen.page.context().cookies();
    await seen.page.getByRole("button", { name: "Sign out" }).click();
    await seen.page.getByRole("button", { name: /yes/i }).click();
    await seen.page.getByRole("link", { name: "Sign in with Example ID" }).click();
    await seen.page.locator('input[name="login"]').waitFor(); // it does not know the person any more
    const thief = await visit(host);
    await thief.page.context().addCookies(cookies.filter(({ name }) => name.startsWith("__Host-trstctl")));
    await thief.page.goto(`${publicUrl}/owners`);
    await thief.page.getByRole("link", { name: "Sign in with Example ID" }).waitFor();
    await thief.close();
    await seen.close();
  });
});
