/** Whatever the host answers, and when it cannot be reached: what was typed stays, and what is wrong is said where it is. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { signedIn, type Visit } from "./browser.ts";
import { newCsr } from "./requests.ts";

let host: Host;
let seen: Visit;
/** Few enough requests at once that a test can use them up. */
const burst = 150;

beforeAll(async () => {
  host = await startHost({ settings: { TRSTCTL_RATE_BURST: String(burst), TRSTCTL_RATE_PER_MINUTE: "600" } });
  seen = await signedIn(host);
  seen.expectRefusals(403, 409, 422, 429);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

const submit = (name: string): Promise<void> => seen.page.getByRole("button", { name, exact: true }).click();

/** Keys of what was sent to a path, in its order. */
function sentKeys(path: string): readonly string[] {
  const keys: string[] = [];
  seen.page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname === path)
      keys.push(request.headers()["idempotency-key"] ?? "");
  });
  return keys;
}

describe("a failed submit", () => {
  it("without a network keeps everything, and is the same operation when it comes through", async () => {
    const { page } = seen;
    seen.expectRefusal("Failed to load resource: net::ERR_INTERNET_DISCONNECTED");
    await seen.open("/owners");
    await page.getByText("New owner").click();
    await page.getByLabel("Name").fill("Night shift");
    await page.getByLabel("Kind").selectOption("service");
    await page.getByLabel("Email").fill("night@example.test");
    const keys = sentKeys("/api/v1/owners");
    await page.context().setOffline(true);
    try {
      await submit("Create owner");
      await page.getByRole("alert").filter({ hasText: "cannot be reached" }).first().waitFor();
    } finally {
      await page.context().setOffline(false);
    }
    expect(await page.getByLabel("Name").inputValue()).toBe("Night shift");
    expect(await page.getByLabel("Kind").inputValue()).toBe("service");
    expect(await page.getByLabel("Email").inputValue()).toBe("night@example.test");
    await submit("Create owner");
    await page.getByRole("cell", { name: "Night shift", exact: true }).waitFor();
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it("with 409 says so at the field that is taken", async () => {
    const { page } = seen;
    await seen.open("/enrolment");
    await page.getByText("New endpoint").click();
    const label = page.getByLabel("Label");
    await label.fill("default");
    await page.getByLabel("Approval").selectOption("manual");
    await submit("Create endpoint");
    await page
      .locator(".refusal")
      .filter({ hasText: /default/ })
      .waitFor();
    expect(await label.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByLabel("Approval").inputValue()).toBe("manual");
    // Who sees nothing is at the field already.
    expect(await label.evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it("with 422 says so at its field: a certificate request that the profile does not allow", async () => {
    const { page } = seen;
    await host.admin.ok("POST", "/profiles", { name: "only-shop", spec: { allowed_dns_suffixes: ["shop.test"] } });
    await seen.open("/certificates/issue");
    const request = page.getByLabel("Certificate request");
    const csr = newCsr("elsewhere.example.test");
    await request.fill(csr);
    await page.getByLabel("Profile").selectOption("only-shop");
    await submit("Issue");
    await page.locator(".refusal").filter({ hasText: "profile only-shop@1 refuses this" }).waitFor();
    expect(await request.inputValue()).toBe(csr.replaceAll("\r\n", "\n"));
    expect(await page.getByLabel("Profile").inputValue()).toBe("only-shop");
  });

  it("of a profile stands at each setting that a rule is about", async () => {
    const { page } = seen;
    await seen.open("/profiles/new");
    await page.getByLabel("Name", { exact: true }).fill("public");
    await page.getByLabel("Valid for at most", { exact: true }).fill("300");
    await page.getByLabel("Valid for, unless asked otherwise", { exact: true }).fill("250");
    await page.getByLabel("codeSigning").check();
    await page.getByLabel("Keeps the rules of").selectOption("cabf-tls");
    await submit("Create profile");
    const field = (legendOrLabel: string) => page.locator(".field").filter({ hasText: legendOrLabel });
    await field("Good for")
      .getByText(/tls-extended-key-usage/)
      .waitFor();
    await field("Valid for, unless")
      .getByText(/tls-validity/)
      .waitFor();
    await field("Policies")
      .getByText(/tls-certificate-policies/)
      .waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("public");
    expect(await page.getByLabel("codeSigning").isChecked()).toBe(true);
    expect(await page.getByLabel("Valid for at most", { exact: true }).inputValue()).toBe("300");
    await page.getByLabel("Keeps the rules of").selectOption("pkix");
    await submit("Create profile");
    await page.getByRole("heading", { name: "public, version 1" }).waitFor();
  });

  it("with 429 says when to try again, and then it goes", async () => {
    const { page } = seen;
    await seen.open("/owners");
    await page.getByText("New owner").click();
    await page.getByLabel("Name").fill("Early shift");
    // Others of the tenant use up what there is for as long as it takes.
    let draining = true;
    const drained = (async () => {
      while (draining)
        await Promise.all(Array.from({ length: burst }, () => host.admin.send("GET", "/owners?limit=1")));
    })();
    try {
      await expect.poll(async () => (await host.admin.send("GET", "/owners?limit=1")).status).toBe(429);
      await submit("Create owner");
      await page
        .getByRole("alert")
        .filter({ hasText: /Try again in \d+ s/ })
        .first()
        .waitFor();
    } finally {
      draining = false;
      await drained;
    }
    expect(await page.getByLabel("Name").inputValue()).toBe("Early shift");
    // Until it goes; then the field is empty for the next.
    const sent = async (): Promise<boolean> => {
      if ((await page.getByLabel("Name").inputValue()) === "") return true;
      await submit("Create owner");
      return false;
    };
    await expect.poll(sent, { timeout: 60_000, interval: 2_000 }).toBe(true);
    await page.getByRole("cell", { name: "Early shift", exact: true }).waitFor();
  });

  it("with 403 names the permission that is missing", async () => {
    const { page } = seen;
    await seen.open("/owners");
    await page.getByText("New owner").click();
    await page.getByLabel("Name").fill("Late shift");
    // Whoever is signed in may less from now on.
    await host.admin.ok("PUT", "/access/members/local-admin", { roles: ["viewer"] });
    await submit("Create owner");
    await page.getByRole("alert").filter({ hasText: "Ask whoever manages access for owners:write" }).waitFor();
    expect(await page.getByLabel("Name").inputValue()).toBe("Late shift");
  });
});
