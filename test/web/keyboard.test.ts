/** By keyboard alone: a certificate is issued and revoked, and the focus can be seen on the way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "#test/e2e/host";
import { signedIn, type Visit } from "./browser.ts";
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

interface Focused {
  readonly name: string;
  readonly outline: string;
}

const focused = (): Promise<Focused> =>
  seen.page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const labels = "labels" in element ? [...((element.labels as NodeListOf<HTMLLabelElement> | null) ?? [])] : [];
    const name = labels.map(({ textContent }) => textContent).join(" ") || element.getAttribute("aria-label");
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { name: (name ?? element.textContent ?? "").trim(), outline: `${outlineWidth} ${outlineStyle}` };
  });

/** Tab by Tab until it is reached; each stop on the way must be seen. */
async function tabTo(name: string): Promise<void> {
  const stops: string[] = [];
  for (let step = 0; step < 80; step++) {
    await seen.page.keyboard.press("Tab");
    const now = await focused();
    stops.push(now.name);
    if (now.name === name) {
      expect(now.outline, name).toBe("3px solid");
      return;
    }
  }
  throw new Error(`no ${name} on the way: ${stops.join(" | ")}`);
}

const press = (key: string): Promise<void> => seen.page.keyboard.press(key);
const type = (text: string): Promise<void> => seen.page.keyboard.insertText(text);

describe("by keyboard alone", () => {
  it("a certificate is issued", async () => {
    await seen.open("/");
    await tabTo("Certificates");
    await press("Enter");
    await seen.page.getByRole("heading", { level: 1, name: "Certificates" }).waitFor();
    await tabTo("Issue a certificate");
    await press("Enter");
    await seen.page.getByRole("heading", { name: "Issue a certificate" }).waitFor();
    await tabTo("Certificate request");
    await type(newCsr("keys.example.test"));
    await tabTo("Issue");
    await press("Enter");
    await seen.page.getByRole("heading", { name: "Issued: keys.example.test" }).waitFor();
  });

  it("is found and revoked, and the question does not let the focus out", async () => {
    await seen.open("/certificates");
    await tabTo("Search");
    await type("keys.example.test");
    await seen.page.waitForURL(/q=keys\.example\.test/);
    await seen.page.getByRole("link", { name: "keys.example.test" }).waitFor();
    await tabTo("keys.example.test");
    await press("Enter");
    await seen.page.getByRole("heading", { level: 1, name: /keys\.example\.test/ }).waitFor();
    await tabTo("Revoke…");
    await press("Enter");
    const dialog = seen.page.getByRole("alertdialog", { name: "Revoke keys.example.test?" });
    await dialog.waitFor();
    for (let step = 0; step < 8; step++) {
      await press("Tab");
      expect(
        await dialog.evaluate(
          (open) => open.contains(document.activeElement) || document.activeElement === document.body,
        ),
      ).toBe(true);
    }
    await tabTo("Why");
    await press("ArrowDown");
    await tabTo("Revoke keys.example.test");
    await press("Enter");
    await seen.page.locator(".badge", { hasText: "revoked" }).waitFor();
    const [found] = (await host.admin.ok("GET", "/certificates?q=keys.example.test")).items;
    expect(found).toMatchObject({ status: "revoked", revocation_reason: "keyCompromise" });
  });
});
