/** A tenant that asks too much: what is refused, what the page says of it, and that one comes back. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type Host, startHost } from "#test/e2e/host";
import { accessibilityFaults, signedIn, type Visit } from "./browser.ts";

let host: Host;
let seen: Visit;
beforeAll(async () => {
  host = await startHost({ settings: { TRSTCTL_RATE_BURST: "120", TRSTCTL_RATE_PER_MINUTE: "120" } });
  seen = await signedIn(host);
});
afterAll(async () => {
  await seen?.close();
  await host?.stop();
});

/** Once nothing is left, and with every token taken as it comes. */
async function whileOthersAsk(work: () => Promise<void>): Promise<void> {
  let over = false;
  let refused = 0;
  const greedy = async (): Promise<void> => {
    while (!over) if ((await host.admin.send("GET", "/owners?limit=1")).status === 429) refused++;
  };
  const asking = [greedy(), greedy()];
  try {
    await eventually("a refusal", () => (refused > 0 ? true : undefined));
    await work();
  } finally {
    over = true;
    await Promise.all(asking);
  }
}

it("429 says when to try again; then it works, and the limits say what was refused", async () => {
  const { page } = seen;
  seen.expectRefusals(429);
  const problem = page.getByRole("alert").filter({ hasText: "Too Many Requests" });
  await whileOthersAsk(async () => {
    await page.getByRole("link", { name: "Owners" }).click();
    await problem.waitFor();
    const [, seconds] = /Try again in (\d+) s\./.exec((await problem.textContent()) ?? "") ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(1);
    expect(await accessibilityFaults(seen)).toEqual([]);
  });
  const again = problem.getByRole("button", { name: "Try again" });
  await expect
    .poll(
      async () => {
        if (await again.isVisible()) await again.click();
        return problem.count();
      },
      { timeout: 30_000, interval: 1_500 },
    )
    .toBe(0);
  await page.getByRole("link", { name: "Operations" }).click();
  const row = page.getByRole("row").filter({ hasText: "API and console" });
  await row.getByText(/, last /).waitFor();
  await row.getByText("120", { exact: true }).first().waitFor();
});
